-- grain: mention_id, brand
-- materialized: table
-- description: When a mention was last looked at for answers: its own thread, what the source states, or a complete read of the brand's own posts. | 답변 여부를 마지막으로 확인한 때: 스레드를 다시 보았거나, 출처가 밝혔거나, 브랜드 계정의 글을 빠짐없이 읽었을 때.
WITH windows AS (
    SELECT
        source, brand, answers_from, answers_to,
        -- A new stretch begins where a window leaves a gap after everything before it.
        answers_from > max(answers_to) OVER (
            PARTITION BY source, brand ORDER BY answers_from, answers_to ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS begins
    FROM staging.stg_coverage
    WHERE answers_from IS NOT NULL AND answers_to > answers_from
),
stretches AS (
    SELECT source, brand, min(answers_from) AS answers_from, max(answers_to) AS answers_to
    FROM (
        SELECT *, count(*) FILTER (begins) OVER (
            PARTITION BY source, brand ORDER BY answers_from, answers_to ROWS UNBOUNDED PRECEDING
        ) AS stretch
        FROM windows
    )
    GROUP BY source, brand, stretch
)
SELECT
    mention_brands.mention_id,
    mention_brands.brand,
    greatest(
        mentions.answers_checked_at,
        -- A source that states "not answered" was looked at when it said so, and that was after the post.
        CASE WHEN mentions.answered IS NOT NULL
            THEN greatest(coalesce(mentions.answers_checked_at, mentions.last_seen_at), mentions.occurred_at) END,
        stretches.answers_to
    ) AS last_checked_at,
    -- What shows or states answers for this very post can be relied on, whatever the source does in general.
    mentions.answered IS NOT NULL AS is_stated,
    coalesce(stretches.answers_to > coalesce(mentions.answers_checked_at, TIMESTAMP '1970-01-01'), false) AS by_timeline
FROM raw.mention_brands
JOIN intermediate.int_mentions AS mentions USING (mention_id)
ASOF LEFT JOIN stretches
    ON stretches.source = mentions.source AND stretches.brand = mention_brands.brand
    AND mentions.occurred_at >= stretches.answers_from
