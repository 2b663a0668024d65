-- grain: mention_id, text_hash
-- materialized: table
-- description: Every wording a mention has had; an edit is a new row. | 언급의 모든 판본. 글이 수정되면 새 행이 생깁니다.
SELECT
    mention_id,
    text_hash,
    source,
    rating,
    is_official,
    first_seen_at,
    last_seen_at,
    row_number() OVER (PARTITION BY mention_id ORDER BY last_seen_at DESC, first_seen_at DESC, text_hash) = 1 AS is_latest,
    row_number() OVER (PARTITION BY mention_id ORDER BY first_seen_at, last_seen_at, text_hash) AS version
FROM raw.mentions
