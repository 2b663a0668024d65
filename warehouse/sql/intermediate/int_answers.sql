-- grain: mention_id, response_id
-- materialized: table
-- description: Which official post answers which customer's post, and by which rule. | 어떤 공식 글이 어떤 고객 글에 대한 답변인지, 어떤 규칙으로 판단했는지.
WITH customers AS (
    SELECT mention_id, thread_id, author_key, earliest_at, latest_at FROM intermediate.int_mentions WHERE NOT is_official
),
officials AS (
    SELECT officials.mention_id, officials.thread_id, officials.parent_id, officials.earliest_at, officials.latest_at,
        parents.author_key AS parent_author
    FROM intermediate.int_mentions AS officials
    LEFT JOIN customers AS parents ON parents.mention_id = officials.parent_id
    WHERE officials.is_official AND officials.deleted_at IS NULL
),
in_thread AS (
    SELECT
        customers.mention_id,
        officials.mention_id AS response_id,
        CASE
            WHEN officials.parent_id = customers.mention_id THEN 'direct_reply'
            -- An answer cannot come before the question; where only bounds are known, it must be possible.
            WHEN officials.latest_at < coalesce(customers.earliest_at, customers.latest_at) THEN NULL
            WHEN officials.parent_author = customers.author_key THEN 'reply_to_same_customer'
            WHEN customers.mention_id = customers.thread_id THEN 'in_thread'
            -- Said to the thread as a whole it answers everybody before it; said to another customer it does not.
            WHEN officials.parent_id IS NULL OR officials.parent_id = officials.thread_id THEN 'in_thread'
        END AS rule
    FROM officials
    JOIN customers USING (thread_id)
),
elsewhere AS (
    SELECT officials.parent_id AS mention_id, officials.mention_id AS response_id, 'direct_reply' AS rule
    FROM officials
    JOIN customers ON customers.mention_id = officials.parent_id AND customers.thread_id <> officials.thread_id
)
SELECT mention_id, response_id, rule FROM in_thread WHERE rule IS NOT NULL
UNION ALL
SELECT mention_id, response_id, rule FROM elsewhere
