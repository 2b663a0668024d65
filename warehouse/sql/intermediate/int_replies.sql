-- grain: mention_id
-- materialized: table
-- description: Official replies, and how often the same words (or nearly the same) were posted as one: what goes again and again is boilerplate. | 공식 답변과, 같은(또는 거의 같은) 문구로 답한 횟수. 되풀이되면 붙여 넣은 답변으로 봅니다.
WITH replies AS (
    SELECT
        mentions.mention_id,
        -- Near-copies by their signatures; an answer too short for one by its letters.
        coalesce(clusters.text_cluster, nullif(mentions.text_hash, ''), mentions.mention_id) AS wording
    FROM intermediate.int_mentions AS mentions
    LEFT JOIN intermediate.int_text_clusters AS clusters USING (text_hash)
    -- The brand's own posts that reply to nobody may be repeated: they are no answers.
    WHERE mentions.is_official AND (mentions.parent_id IS NOT NULL OR mentions.thread_id <> mentions.mention_id)
),
counted AS (
    SELECT wording, count(*) AS times FROM replies GROUP BY wording
)
SELECT replies.mention_id, counted.times, counted.times >= settings.boilerplate_times AS is_boilerplate
FROM replies
JOIN counted USING (wording)
CROSS JOIN ref.settings
