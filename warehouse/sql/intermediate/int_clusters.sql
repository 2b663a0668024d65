-- grain: mention_id
-- materialized: table
-- description: Copies of one text in many places, named by their earliest living mention; reach of the whole group. | 여러 곳에 퍼진 같은 글의 묶음. 가장 먼저 올라온(삭제되지 않은) 언급의 id로 부르며, 묶음 전체의 도달 정도를 셉니다.
WITH members AS (
    SELECT
        mentions.mention_id,
        mentions.source,
        mentions.deleted_at,
        mentions.occurred_at,
        (mentions.rating IS NOT NULL OR mentions.score_value IS NOT NULL) AS is_vote,
        -- Said here and not in the join: beside a condition on one side the two would meet each with each.
        coalesce(
            CASE WHEN NOT mentions.is_official AND NOT mentions.is_reshare THEN clusters.text_cluster END,
            mentions.mention_id
        ) AS text_cluster,
        -- What people did with it; a hundred readers weigh as much as one reaction.
        coalesce(mentions.likes, 0) + coalesce(mentions.replies, 0) + coalesce(mentions.shares, 0)
            + coalesce(mentions.views, 0) // 100 AS own_reach
    FROM intermediate.int_mentions AS mentions
    LEFT JOIN intermediate.int_text_clusters AS clusters USING (text_hash)
),
reshares AS (
    SELECT reshare_of AS mention_id, count(*) AS reshares,
        sum(coalesce(likes, 0) + coalesce(replies, 0) + coalesce(views, 0) // 100) AS reshare_reach
    FROM intermediate.int_mentions
    WHERE is_reshare AND reshare_of IS NOT NULL
    GROUP BY reshare_of
),
named AS (
    SELECT
        members.*,
        -- The source's own counter of shares already holds the reshares that were collected, or more.
        own_reach + coalesce(reshare_reach, 0) AS reach_here,
        coalesce(reshares, 0) AS reshares,
        first_value(mention_id) OVER earliest AS cluster_id
    FROM members
    LEFT JOIN reshares USING (mention_id)
    WINDOW earliest AS (PARTITION BY text_cluster ORDER BY deleted_at IS NOT NULL, occurred_at, mention_id)
)
SELECT
    mention_id,
    cluster_id,
    CASE WHEN NOT is_vote AND mention_id <> cluster_id THEN cluster_id END AS duplicate_of,
    reach_here,
    reshares,
    -- A vote speaks for itself; a copied text carries what all its copies stirred up, and each copy counts.
    (CASE WHEN is_vote THEN reach_here
        ELSE sum(reach_here) OVER cluster + count(*) OVER cluster - 1 END)::BIGINT AS reach,
    count(*) OVER cluster AS places
FROM named
WINDOW cluster AS (PARTITION BY cluster_id)
