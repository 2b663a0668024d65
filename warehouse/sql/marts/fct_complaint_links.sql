-- grain: brand, earlier_id, later_id
-- materialized: table
-- publish: complaint_links
-- description: Pairs of complaints in different places that may be one customer's, with the evidence. A supposition to look into: states and counts never rest on it. | 서로 다른 곳에 올라온, 같은 고객의 것일 수 있는 불만의 짝과 그 근거. 확인해 볼 추정이며 처리 상태나 건수에는 반영하지 않습니다.
-- column brand: Brand both are about | 브랜드
-- column earlier_id: mention_id of the earlier complaint | 먼저 올라온 불만의 언급 키
-- column later_id: mention_id of the later complaint | 나중에 올라온 불만의 언급 키
-- column earlier_source: Where the earlier one was said | 먼저 올라온 곳
-- column later_source: Where the later one was said | 나중에 올라온 곳
-- column earlier_at: When the earlier one was said, UTC; not exact where complaints.has_exact_time is false | 먼저 올라온 때(UTC)
-- column later_at: When the later one was said, UTC | 나중에 올라온 때(UTC)
-- column days_apart: Days between them | 두 글 사이의 날수
-- column confidence: Sum of the evidence's points, 0 to 1 | 근거 점수의 합(0~1)
-- column is_likely: High enough to be shown in the digest beside the complaint | 주간 보고에 함께 보여 줄 만큼 높은지
-- column kinds: Kinds of evidence, heaviest first: author, tried, text, detail, product, events, topic | 근거의 종류(무거운 순)
-- column evidence: The evidence in words, heaviest first | 근거 설명(무거운 순)
WITH summed AS (
    SELECT
        brand,
        earlier_id,
        later_id,
        -- In decimals: 0.175 + 0.15 + 0.1 is 0.425 in whatever order they come.
        least(1.0, round(sum(points::DECIMAL(9, 4)), 2))::DOUBLE AS confidence,
        list(kind ORDER BY points DESC, kind) AS kinds,
        string_agg(words, ' · ' ORDER BY points DESC, kind) AS evidence
    FROM intermediate.int_link_evidence
    GROUP BY brand, earlier_id, later_id
)
SELECT
    summed.brand,
    summed.earlier_id,
    summed.later_id,
    earlier.source AS earlier_source,
    later.source AS later_source,
    earlier.occurred_at AS earlier_at,
    later.occurred_at AS later_at,
    date_diff('minute', earlier.occurred_at, later.occurred_at) / 1440.0 AS days_apart,
    summed.confidence,
    summed.confidence >= settings.link_likely AS is_likely,
    summed.kinds,
    summed.evidence
FROM summed
JOIN intermediate.int_link_cases AS earlier ON earlier.mention_id = summed.earlier_id AND earlier.brand = summed.brand
JOIN intermediate.int_link_cases AS later ON later.mention_id = summed.later_id AND later.brand = summed.brand
CROSS JOIN ref.settings
WHERE summed.confidence >= settings.link_possible
