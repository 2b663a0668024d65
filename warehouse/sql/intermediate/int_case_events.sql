-- grain: mention_id, brand
-- materialized: table
-- description: For each case, what happened after the complaint: answers, the customer's next words, a person's resolution. | 불만 건마다 그 뒤에 일어난 일: 답변, 고객의 다음 말, 사람이 남긴 해결 기록.
WITH cases AS (
    SELECT cases.mention_id, cases.brand, mentions.source, mentions.thread_id, mentions.author_key, mentions.occurred_at,
        mentions.earliest_at, mentions.answered, mentions.answered_at, mentions.wording_first_seen_at, mentions.versions,
        clusters.cluster_id
    FROM intermediate.int_cases AS cases
    JOIN intermediate.int_mentions AS mentions USING (mention_id)
    JOIN intermediate.int_clusters AS clusters USING (mention_id)
    WHERE cases.mention_id = cases.case_id
),
members AS (
    SELECT case_id, brand, mention_id FROM intermediate.int_cases
),
answers AS (
    SELECT
        members.case_id AS mention_id,
        members.brand,
        count(DISTINCT answers.response_id) AS answers,
        arg_min(answers.response_id, (official.latest_at, answers.response_id)) AS first_response_id,
        arg_min(answers.rule, (official.latest_at, answers.response_id)) AS first_rule,
        min(official.latest_at) AS first_answer_at,
        max(official.latest_at) AS last_answer_at,
        bool_and(official.published_at IS NOT NULL) AS exact,
        bool_and(coalesce(replies.is_boilerplate, false)) AS only_boilerplate
    FROM members
    JOIN intermediate.int_answers AS answers USING (mention_id)
    JOIN intermediate.int_mentions AS official ON official.mention_id = answers.response_id
    LEFT JOIN intermediate.int_replies AS replies ON replies.mention_id = answers.response_id
    GROUP BY members.case_id, members.brand
),
-- What the same customer wrote in the same thread, complaint or not.
own_words AS (
    SELECT cases.mention_id, cases.brand, words.mention_id AS follow_up_id, words.occurred_at, words.sentiment,
        words.is_closing_thanks
    FROM cases
    JOIN intermediate.int_mentions AS words
        ON words.thread_id = cases.thread_id AND words.author_key = cases.author_key
        AND words.mention_id <> cases.mention_id AND words.occurred_at > cases.occurred_at
    WHERE NOT words.is_official AND words.deleted_at IS NULL
),
follow_ups AS (
    SELECT
        own_words.mention_id,
        own_words.brand,
        count(*) FILTER (own_words.sentiment = 'complaint' AND NOT is_closing_thanks) AS follow_ups,
        max(own_words.occurred_at) FILTER (own_words.sentiment = 'complaint' AND NOT is_closing_thanks) AS complained_again_at,
        arg_max(follow_up_id, own_words.occurred_at)
            FILTER (own_words.sentiment = 'complaint' AND NOT is_closing_thanks) AS complained_again_id,
        max(own_words.occurred_at) FILTER (is_closing_thanks OR own_words.sentiment = 'praise') AS thanked_at,
        arg_max(follow_up_id, own_words.occurred_at)
            FILTER (is_closing_thanks OR own_words.sentiment = 'praise') AS thanked_id
    FROM own_words
    GROUP BY own_words.mention_id, own_words.brand
),
-- A person may record the resolution on any place of the complaint.
resolutions AS (
    SELECT cases.mention_id, cases.brand, max(said.resolved_at) AS resolved_at,
        arg_max(said.resolution_id, said.resolved_at) AS resolution_id, arg_max(said.how, said.resolved_at) AS how
    FROM raw.resolutions AS said
    JOIN intermediate.int_clusters AS clusters ON clusters.mention_id = said.mention_id
    JOIN cases USING (cluster_id)
    GROUP BY cases.mention_id, cases.brand
),
-- The same text in another source, answered there.
elsewhere AS (
    SELECT cases.mention_id, cases.brand,
        arg_min(copies.mention_id, (coalesce(official.latest_at, copy.answered_at, copy.last_seen_at), copies.mention_id)) AS copy_id,
        arg_min(copy.source, (coalesce(official.latest_at, copy.answered_at, copy.last_seen_at), copies.mention_id)) AS copy_source,
        min(coalesce(official.latest_at, copy.answered_at)) AS copy_answered_at
    FROM cases
    JOIN intermediate.int_clusters AS copies ON copies.cluster_id = cases.cluster_id AND copies.places > 1
    JOIN intermediate.int_mentions AS copy ON copy.mention_id = copies.mention_id AND copy.source <> cases.source
    LEFT JOIN intermediate.int_answers AS answers ON answers.mention_id = copy.mention_id
    LEFT JOIN intermediate.int_mentions AS official ON official.mention_id = answers.response_id
    WHERE answers.response_id IS NOT NULL OR copy.answered
    GROUP BY cases.mention_id, cases.brand
)
SELECT
    cases.mention_id,
    cases.brand,
    coalesce(answers.answers, 0) AS answers,
    answers.first_response_id,
    answers.first_rule,
    answers.first_answer_at,
    coalesce(answers.only_boilerplate, false) AS only_boilerplate,
    -- The latest answer seen; a source that only says "answered" counts at the time it gives.
    greatest(answers.last_answer_at, CASE WHEN cases.answered THEN cases.answered_at END) AS last_answer_at,
    coalesce(cases.answered, false) AS source_says_answered,
    cases.answered_at AS source_answered_at,
    coalesce(answers.answers, 0) > 0 OR coalesce(cases.answered, false) AS is_answered,
    coalesce(follow_ups.follow_ups, 0) AS follow_ups,
    follow_ups.complained_again_at,
    follow_ups.complained_again_id,
    follow_ups.thanked_at,
    follow_ups.thanked_id,
    resolutions.resolved_at,
    resolutions.resolution_id,
    resolutions.how AS resolved_how,
    elsewhere.copy_id,
    elsewhere.copy_source,
    elsewhere.copy_answered_at
FROM cases
LEFT JOIN answers USING (mention_id, brand)
LEFT JOIN follow_ups USING (mention_id, brand)
LEFT JOIN resolutions USING (mention_id, brand)
LEFT JOIN elsewhere USING (mention_id, brand)
