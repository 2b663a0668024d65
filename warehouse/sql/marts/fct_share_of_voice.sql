-- grain: week, brand
-- materialized: table
-- publish: share_of_voice
-- description: How much is said about each watched brand in a week, and in which mood; only mentions that count. | 주별로 브랜드마다 얼마나, 어떤 분위기로 이야기되는지(집계 대상 언급만).
-- column week: ISO week, Seoul | 한국 시간 기준 ISO 주
-- column brand: Brand | 브랜드
-- column mentions: Mentions that count | 집계 대상 언급 수
-- column share: Share of all watched brands' mentions in that week, 0 to 1 | 그 주 전체 언급 중 비중(0~1)
-- column complaints: Complaints among them | 불만 수
-- column praises: Praise among them | 칭찬 수
-- column neutrals: Neutral among them | 중립 수
-- column untagged: Not read yet | 아직 판독 전
-- column complaint_share: Complaints as share of the read ones | 판독된 언급 중 불만 비중
SELECT
    week,
    brand,
    count(*) AS mentions,
    count(*) / sum(count(*)) OVER (PARTITION BY week) AS share,
    count(*) FILTER (sentiment = 'complaint') AS complaints,
    count(*) FILTER (sentiment = 'praise') AS praises,
    count(*) FILTER (sentiment = 'neutral') AS neutrals,
    count(*) FILTER (sentiment IS NULL) AS untagged,
    count(*) FILTER (sentiment = 'complaint') / nullif(count(sentiment), 0) AS complaint_share
FROM marts.fct_mentions
WHERE counts AND deleted_at IS NULL
GROUP BY week, brand
