-- grain: run_id, source, brand, query
-- materialized: table
-- description: One listening run of one query. | 수집 한 번(출처·브랜드·검색어별).
SELECT
    run_id, source, brand, query, started_at, finished_at, outcome, asked_from, asked_to,
    coalesce(seen, 0) AS seen, coalesce(new, 0) AS new_mentions, coalesce(quarantined, 0) AS quarantined,
    coalesce(requests, 0) AS requests, coalesce(cap_hit, false) AS cap_hit, coalesce(reason, '') AS reason,
    coalesce(message, '') AS message, answers_from, answers_to, coalesce(cost_usd, 0) AS cost_usd
FROM raw.coverage
