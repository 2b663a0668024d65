-- grain: brand, earlier_id, later_id
-- materialized: table
-- description: Pairs of complaints that name the same product, topic, detail or author within a few days of each other, in different places. What too many name is no ground to compare, so the cost stays within a few pairs a complaint. | 며칠 사이에 서로 다른 곳에서 같은 상품·주제·세부를 말했거나 작성자가 같은 불만의 짝. 너무 흔한 것으로는 견주지 않습니다.
WITH keys AS (
    SELECT brand, mention_id, period, 'product' AS kind, unnest(products) AS said FROM intermediate.int_link_cases
    UNION ALL
    SELECT brand, mention_id, period, 'topic', unnest(topics) FROM intermediate.int_link_cases
    UNION ALL
    SELECT brand, mention_id, period, 'detail', unnest(details) FROM intermediate.int_link_cases
    UNION ALL
    SELECT brand, mention_id, period, 'author', source || ' ' || author_key FROM intermediate.int_link_cases
    WHERE author_key IS NOT NULL
),
-- A key that hundreds share tells nobody apart.
telling AS (
    SELECT keys.*, count(*) OVER (PARTITION BY brand, kind, said, period) AS sharers
    FROM keys
    CROSS JOIN ref.settings
    QUALIFY sharers <= settings.link_sharers
),
met AS (
    SELECT here.brand, here.mention_id AS here_id, there.mention_id AS there_id, here.kind, here.said,
        -- How many of the periods that the pair lies in say this.
        CASE WHEN here.period = there.period THEN here.sharers ELSE here.sharers + there.sharers END AS sharers
    FROM telling AS here
    JOIN telling AS there
        ON there.brand = here.brand AND there.kind = here.kind AND there.said = here.said
        AND there.period = here.period AND there.mention_id > here.mention_id
    UNION ALL
    SELECT here.brand, here.mention_id, there.mention_id, here.kind, here.said, here.sharers + there.sharers
    FROM telling AS here
    JOIN telling AS there
        ON there.brand = here.brand AND there.kind = here.kind AND there.said = here.said
        AND there.period = here.period + 1
),
pairs AS (
    SELECT
        met.brand,
        CASE WHEN (here.occurred_at, here.mention_id) < (there.occurred_at, there.mention_id) THEN here_id ELSE there_id END AS earlier_id,
        CASE WHEN (here.occurred_at, here.mention_id) < (there.occurred_at, there.mention_id) THEN there_id ELSE here_id END AS later_id,
        coalesce(list(DISTINCT said ORDER BY said) FILTER (kind = 'product'), []) AS products,
        coalesce(list(DISTINCT said ORDER BY said) FILTER (kind = 'topic'), []) AS topics,
        -- Named by these two alone it tells much, by four still something.
        coalesce(list(DISTINCT said ORDER BY said) FILTER (kind = 'detail' AND sharers <= 4), []) AS details,
        coalesce(sum(CASE WHEN sharers <= 2 THEN 1.0 ELSE 0.5 END) FILTER (kind = 'detail' AND sharers <= 4), 0) AS rare_details,
        count(*) FILTER (kind = 'author') > 0 AS same_author
    FROM met
    JOIN intermediate.int_link_cases AS here ON here.mention_id = met.here_id AND here.brand = met.brand
    JOIN intermediate.int_link_cases AS there ON there.mention_id = met.there_id AND there.brand = met.brand
    CROSS JOIN ref.settings
    WHERE abs(epoch(here.occurred_at - there.occurred_at)) <= settings.link_days * 86400
        AND here.thread_id <> there.thread_id
        -- Copies of one text are one complaint already.
        AND here.cluster_id <> there.cluster_id
        AND (
            here.source <> there.source
            -- Within a source: the same person elsewhere, or people nobody knows in different places.
            OR here.author_key = there.author_key
            OR (coalesce(here.author_key, there.author_key) IS NULL AND here.place <> there.place)
        )
    GROUP BY ALL
)
SELECT * FROM pairs
