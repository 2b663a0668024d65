-- grain: brand, day
-- materialized: table
-- publish: business_days
-- description: The days on which a brand's desk is open (public holidays and the shop's own closed days left out), six years back and a week ahead. | 브랜드 고객센터가 여는 날(공휴일과 자체 휴무일 제외). 과거 6년부터 일주일 뒤까지.
-- column brand: Brand | 브랜드
-- column day: Calendar day in Seoul | 날짜(한국 시간)
-- column opens_at: When it opens, UTC | 여는 시각(UTC)
-- column closes_at: When it closes, UTC | 닫는 시각(UTC)
-- column open_minutes: Minutes open, the lunch break left out | 점심시간을 뺀 영업 시간(분)
SELECT
    brand,
    (opens_at + INTERVAL 9 HOUR)::DATE AS day,
    min(opens_at) AS opens_at,
    max(closes_at) AS closes_at,
    sum(epoch(closes_at - opens_at))::BIGINT // 60 AS open_minutes
FROM ref.business_hours
GROUP BY ALL
