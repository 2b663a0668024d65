-- grain: mention_id, brand
-- materialized: table
-- description: Complaining mentions gathered to cases: what one customer says again in the same thread belongs to the first one. | 같은 고객이 같은 스레드에서 다시 쓴 불만은 처음 불만의 건으로 묶습니다.
WITH complaining AS (
    SELECT
        brand_mentions.mention_id,
        brand_mentions.brand,
        mentions.source,
        mentions.thread_id,
        mentions.author_key,
        mentions.occurred_at,
        mentions.deleted_at IS NOT NULL
            -- A search result's excerpt changes with the query: only a source that shows threads shows edits.
            OR (sources.shows_answers IS NOT false AND coalesce(mentions.sentiment <> 'complaint', false)) AS is_withdrawn
    FROM intermediate.int_brand_mentions AS brand_mentions
    JOIN intermediate.int_mentions AS mentions USING (mention_id)
    LEFT JOIN ref.sources ON sources.source = mentions.source
    WHERE brand_mentions.counts
        AND (
            mentions.sentiment = 'complaint'
            OR mentions.mention_id IN (SELECT mention_id FROM intermediate.int_wordings WHERE sentiment = 'complaint')
        )
)
SELECT
    mention_id,
    brand,
    is_withdrawn,
    first_value(mention_id) OVER (
        PARTITION BY brand, source, thread_id, coalesce(author_key, mention_id)
        ORDER BY is_withdrawn, occurred_at, mention_id
    ) AS case_id
FROM complaining
