-- grain: brand, earlier_id, later_id
-- materialized: table
-- description: Pairs of complaints within a few days of each other, in different places, that name the same product, detail or author, or the same topic where one says to have told elsewhere. What too many name is no ground to compare, so the cost stays within a few pairs a complaint. | 며칠 사이에 서로 다른 곳에서 같은 상품·세부를 말했거나, 작성자가 같거나, 다른 곳에 알렸다며 같은 주제를 말한 불만의 짝. 너무 흔한 것으로는 견주지 않습니다.
WITH keys AS (
    SELECT brand, mention_id, period, false AS is_topic, 'product' AS kind, unnest(products) AS said
    FROM intermediate.int_link_cases
    UNION ALL
    SELECT brand, mention_id, period, len(tried) = 0, 'topic', unnest(topics) FROM intermediate.int_link_cases
    UNION ALL
    SELECT brand, mention_id, period, false, 'detail', unnest(details) FROM intermediate.int_link_cases
    UNION ALL
    SELECT brand, mention_id, period, false, 'author', source || ' ' || author_key FROM intermediate.int_link_cases
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
    SELECT here.brand, here.mention_id AS here_id, there.mention_id AS there_id, here.kind, here.said, here.sharers
    FROM telling AS here
    JOIN telling AS there
        ON there.brand = here.brand AND there.kind = here.kind AND there.said = here.said
        AND there.period = here.period AND there.mention_id > here.mention_id
    -- A topic alone never makes a link: it brings those together of whom one points elsewhere.
    WHERE NOT (here.is_topic AND there.is_topic)
    UNION ALL
    SELECT here.brand, here.mention_id, there.mention_id, here.kind, here.said, here.sharers + there.sharers
    FROM telling AS here
    JOIN telling AS there
        ON there.brand = here.brand AND there.kind = here.kind AND there.said = here.said
        AND there.period = here.period + 1
    WHERE NOT (here.is_topic AND there.is_topic)
),
pairs AS (
    SELECT
        brand, here_id, there_id,
        -- Named by these two alone a detail tells much, by four still something.
        list(said) FILTER (kind = 'detail' AND sharers <= 4) AS details,
        sum(CASE WHEN sharers <= 2 THEN 1.0 ELSE 0.5 END) FILTER (kind = 'detail' AND sharers <= 4) AS rare_details
    FROM met
    GROUP BY brand, here_id, there_id
)
SELECT
    pairs.brand,
    CASE WHEN (here.occurred_at, here_id) < (there.occurred_at, there_id) THEN here_id ELSE there_id END AS earlier_id,
    CASE WHEN (here.occurred_at, here_id) < (there.occurred_at, there_id) THEN there_id ELSE here_id END AS later_id,
    list_sort(list_intersect(here.products, there.products)) AS products,
    list_sort(list_intersect(here.topics, there.topics)) AS topics,
    list_sort(coalesce(pairs.details, [])) AS details,
    coalesce(pairs.rare_details, 0) AS rare_details,
    coalesce(here.source = there.source AND here.author_key = there.author_key, false) AS same_author
FROM pairs
JOIN intermediate.int_link_cases AS here ON here.mention_id = pairs.here_id AND here.brand = pairs.brand
JOIN intermediate.int_link_cases AS there ON there.mention_id = pairs.there_id AND there.brand = pairs.brand
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
