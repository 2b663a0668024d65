-- grain: mention_id
-- materialized: table
-- description: Each utterance once: its latest wording, its latest known counters and what the source says of answers. | 언급마다 한 행: 최신 글, 최신 수치, 출처가 밝힌 답변 여부.
WITH latest AS (
    SELECT
        mention_id,
        count(*) AS versions,
        -- The highest turn is the latest wording; ties do not depend on the order of loading.
        arg_max(text_hash, turn) AS text_hash,
        arg_max_null(title, turn) AS title,
        arg_max_null(text, turn) AS text,
        arg_max(source, turn) AS source,
        arg_max(native_id, turn) AS native_id,
        arg_max(kind, turn) AS kind,
        arg_max(url, turn) AS url,
        arg_max(thread_native_id, turn) AS thread_native_id,
        arg_max(parent_native_id, turn) AS parent_native_id,
        arg_max(reshare_of_native_id, turn) AS reshare_of_native_id,
        arg_max(author_key, turn) AS author_key,
        coalesce(arg_max(is_official, turn), false) AS is_official,
        arg_max(rating, turn) AS rating,
        arg_max(likes, turn) AS likes,
        arg_max(replies, turn) AS replies,
        arg_max(shares, turn) AS shares,
        arg_max(views, turn) AS views,
        arg_max(published_at, turn) AS published_at,
        arg_max(not_before, turn) AS not_before,
        arg_max(not_after, turn) AS not_after,
        arg_max(answered, turn) AS answered,
        arg_max(answered_at, turn) AS answered_at,
        max(answers_checked_at) AS answers_checked_at,
        arg_max(place, turn) AS place,
        arg_max(product, turn) AS product,
        arg_max(score_kind, turn) AS score_kind,
        arg_max(score_value, turn) AS score_value,
        min(first_seen_at) AS first_seen_at,
        max(last_seen_at) AS last_seen_at,
        arg_max(first_seen_at, turn) AS wording_first_seen_at
    FROM (
        SELECT
            *,
            row_number() OVER (PARTITION BY mention_id ORDER BY last_seen_at, first_seen_at, text_hash DESC) AS turn
        FROM raw.mentions
    )
    GROUP BY mention_id
),
timed AS (
    SELECT
        latest.*,
        deletions.deleted_at,
        -- It was there when it was first seen, whatever a later look at an undated page says.
        coalesce(published_at, least(not_after, first_seen_at), first_seen_at) AS latest_at,
        coalesce(published_at, CASE WHEN not_before < first_seen_at THEN not_before END) AS earliest_at
    FROM latest
    LEFT JOIN raw.deletions
        ON deletions.mention_id = latest.mention_id AND deletions.seen_at >= latest.last_seen_at
)
SELECT
    * EXCLUDE (not_before, not_after),
    -- The middle of what is known: a day's noon, or between the last look without it and the first one with it.
    coalesce(earliest_at + (latest_at - earliest_at) / 2, latest_at) AS occurred_at,
    published_at IS NOT NULL AS has_exact_time,
    -- Keys of the thread's first post and of the post replied to: contracts.keys.mention_id in SQL.
    CASE
        WHEN thread_native_id IS NULL THEN mention_id
        ELSE left(sha256(source || chr(31) || replace(thread_native_id, chr(31), ' ')), 24)
    END AS thread_id,
    CASE WHEN parent_native_id IS NOT NULL
        THEN left(sha256(source || chr(31) || replace(parent_native_id, chr(31), ' ')), 24) END AS parent_id,
    CASE WHEN reshare_of_native_id IS NOT NULL
        THEN left(sha256(source || chr(31) || replace(reshare_of_native_id, chr(31), ' ')), 24) END AS reshare_of
FROM timed
