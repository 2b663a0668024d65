-- grain: brand, week, source
-- materialized: table
-- publish: response_times
-- description: How fast complaints of a week were first answered, source by source. | 주별·출처별로 불만에 처음 답변하기까지 걸린 시간.
-- column brand: Brand | 브랜드
-- column week: ISO week of the complaint, Seoul | 불만이 올라온 주(한국 시간)
-- column source: Source | 출처
-- column complaints: Complaints, withdrawn ones left out | 불만 수(철회 제외)
-- column answered: Of these answered, resolved or answered elsewhere | 답변·해결된 수
-- column unaddressed: Of these without an answer | 답변이 없는 수
-- column reopened: Of these reopened | 다시 불만이 된 수
-- column not_observable: Of these where answers cannot be seen | 답변 여부를 알 수 없는 수
-- column timed: Answers with exact times on both sides | 두 시각이 모두 정확한 답변 수
-- column median_minutes: Median minutes to the first answer, wall clock | 첫 답변까지 걸린 분의 중앙값(벽시계)
-- column p90_minutes: 90th percentile | 90번째 백분위(벽시계)
-- column median_business_minutes: Median in business minutes | 중앙값(영업시간)
-- column p90_business_minutes: 90th percentile in business minutes | 90번째 백분위(영업시간)
SELECT
    brand,
    week,
    source,
    count(*) AS complaints,
    count(*) FILTER (state IN ('answered', 'resolved', 'answered_elsewhere')) AS answered,
    count(*) FILTER (state = 'unaddressed') AS unaddressed,
    count(*) FILTER (state = 'reopened') AS reopened,
    count(*) FILTER (state = 'not_observable') AS not_observable,
    count(first_response_minutes) AS timed,
    quantile_cont(first_response_minutes, 0.5) AS median_minutes,
    quantile_cont(first_response_minutes, 0.9) AS p90_minutes,
    quantile_cont(first_response_business_minutes, 0.5) AS median_business_minutes,
    quantile_cont(first_response_business_minutes, 0.9) AS p90_business_minutes
FROM marts.fct_complaints
WHERE state <> 'withdrawn'
GROUP BY brand, week, source
