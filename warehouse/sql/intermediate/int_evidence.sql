-- grain: text_hash
-- materialized: table
-- description: What a text offers as evidence that another one tells of the same matter: products, events in order, places tried, details; and whether it takes a complaint back. | 다른 글과 같은 일인지 견줄 근거: 상품, 일어난 순서, 이미 알린 곳, 세부.
SELECT
    text_hash,
    coalesce(list(DISTINCT value ORDER BY value) FILTER (label = 'product'), []) AS products,
    coalesce(string_split(any_value(value ORDER BY value) FILTER (label = 'events'), ','), []) AS events,
    coalesce(list({'sources': string_split(value, ','), 'words': evidence} ORDER BY value) FILTER (label = 'tried'), []) AS tried,
    coalesce(list(DISTINCT value ORDER BY value) FILTER (label = 'detail'), []) AS details,
    bool_or(label = 'taken_back') AS is_taken_back
FROM staging.stg_tags
WHERE task = 'evidence' AND label <> 'none'
GROUP BY text_hash
