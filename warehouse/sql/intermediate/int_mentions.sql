-- grain: mention_id
-- materialized: table
-- description: Each utterance with the readings of its latest wording. | 언급마다 최신 글의 판독을 붙인 것.
SELECT
    mentions.*,
    wordings.sentiment,
    wordings.sentiment_by,
    wordings.sentiment_score,
    wordings.is_uncertain,
    wordings.model_sentiment,
    wordings.model_score,
    wordings.rating_sentiment,
    readings.sentiment_version,
    readings.language,
    readings.noise,
    -- Nobody is paid to give one star: a rule's word never hides a complaint that the stars confirm.
    coalesce(readings.noise IN ('advertising', 'giveaway', 'job_post') AND wordings.rating_sentiment IS DISTINCT FROM 'complaint',
        false) AS is_advertising,
    (mentions.kind = 'reshare' OR mentions.reshare_of IS NOT NULL) AS is_reshare,
    coalesce(readings.topics, []) AS topics,
    coalesce(readings.urgencies, []) AS urgencies,
    least(5, greatest(1, coalesce(readings.severity, 1))) AS severity,
    coalesce(readings.severity_reason, '') AS severity_reason,
    coalesce(readings.is_closing_thanks, false) AS is_closing_thanks,
    (mentions.kind IN ('question', 'inquiry') OR coalesce(readings.is_question, false)
        -- How Korean questions and requests end, whatever marks follow.
        OR regexp_matches(right(coalesce(mentions.text, mentions.title, ''), 20),
            '([?\x{FF1F}]|나요|까요|가요|는지요|주세요|부탁드려요|부탁드립니다|궁금해요|궁금합니다)[\s.~!^ㅠㅜㅎㅋ]*$')) AS is_question,
    coalesce(readings.homonym_of, []) AS homonym_of,
    coalesce(readings.reply_labels, []) AS reply_labels,
    readings.promised,
    readings.minhash,
    readings.exact_signature,
    strftime(mentions.occurred_at + INTERVAL 9 HOUR, '%G-W%V') AS week
FROM staging.stg_mentions AS mentions
JOIN intermediate.int_wordings AS wordings USING (mention_id, text_hash)
LEFT JOIN intermediate.int_readings AS readings USING (text_hash)
