-- grain: mention_id, brand
-- materialized: table
-- description: Cases that may be linked, each with all that its customer's words in the thread offer as evidence. | 서로 이어 볼 수 있는 불만 건과, 고객이 그 스레드에 쓴 글들이 주는 근거.
WITH members AS (
    SELECT cases.case_id, cases.brand, mentions.mention_id, mentions.occurred_at, mentions.product, mentions.topics,
        coalesce(evidence.products, []) AS products, coalesce(evidence.events, []) AS events,
        coalesce(evidence.tried, []) AS tried, coalesce(evidence.details, []) AS details
    FROM intermediate.int_cases AS cases
    JOIN intermediate.int_mentions AS mentions USING (mention_id)
    LEFT JOIN intermediate.int_evidence AS evidence USING (text_hash)
    WHERE NOT cases.is_withdrawn
),
-- "꾹담 발효 김치통 3종 세트", as a shop names it, is the 김치통 of which customers speak: the longest word it holds.
spoken AS (
    SELECT shop.product, arg_max(words.word, (length(words.word), words.word)) AS word
    FROM (SELECT DISTINCT product FROM members WHERE product IS NOT NULL) AS shop
    JOIN (SELECT DISTINCT unnest(products) AS word FROM intermediate.int_evidence) AS words
        ON contains(replace(shop.product, ' ', ''), words.word)
    GROUP BY shop.product
),
offered AS (
    SELECT
        members.case_id AS mention_id,
        members.brand,
        list_distinct(flatten(list(members.products || list_filter([members.product, spoken.word], lambda word: word IS NOT NULL)))) AS products,
        list_distinct(flatten(list(list_filter(members.topics, lambda topic: NOT starts_with(topic, 'praise_'))))) AS topics,
        flatten(list(members.events ORDER BY members.occurred_at, members.mention_id))[:12] AS events,
        flatten(list(members.tried ORDER BY members.occurred_at, members.mention_id)) AS tried,
        list_distinct(flatten(list(members.details))) AS details
    FROM members
    LEFT JOIN spoken USING (product)
    GROUP BY members.case_id, members.brand
)
SELECT
    offered.*,
    mentions.source,
    mentions.place,
    mentions.thread_id,
    mentions.author_key,
    mentions.occurred_at,
    mentions.has_exact_time,
    clusters.cluster_id,
    mentions.minhash ->> '$.hashes' AS hashes,
    -- What came before what: "ordered>broken".
    list_distinct(flatten(list_transform(
        range(1, len(offered.events)),
        lambda i: list_transform(
            list_filter(offered.events[i + 1:], lambda later: later <> offered.events[i]),
            lambda later: offered.events[i] || '>' || later
        )
    ))) AS orders,
    (epoch(mentions.occurred_at) // (86400 * settings.link_days))::BIGINT AS period
FROM offered
JOIN intermediate.int_mentions AS mentions USING (mention_id)
JOIN intermediate.int_clusters AS clusters USING (mention_id)
CROSS JOIN ref.settings
