-- grain: mention_id, brand
-- materialized: view
-- inherits: complaints
-- description: Complaints that nobody has answered, worst first: priority = 20 * severity + 10 * log10(1 + reach) + days waiting (at most 14). | 아무도 답하지 않은 불만. 급한 순서: 우선순위 = 20×심각도 + 10×log10(1+도달) + 기다린 날수(최대 14).
-- column priority: The higher, the more urgent | 클수록 급함
-- column waiting_days: Days since it was said, at the time of the build | 올라온 뒤 지난 날수(빌드 시점)
SELECT
    complaints.*,
    greatest(0, date_diff('minute', complaints.occurred_at, build.built_for) / 1440.0) AS waiting_days,
    round(20 * complaints.severity + 10 * log10(1 + complaints.reach)
        + least(14, greatest(0, date_diff('minute', complaints.occurred_at, build.built_for) / 1440.0)), 1) AS priority
FROM main.complaints
CROSS JOIN main.build
WHERE complaints.state = 'unaddressed'
ORDER BY priority DESC, occurred_at, mention_id
