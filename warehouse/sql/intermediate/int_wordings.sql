-- grain: mention_id, text_hash
-- materialized: table
-- description: Complaint, praise or neutral, wording by wording, with both readings and what decided (design, section 5). | 판본별 불만·칭찬·중립 판정. 모델과 별점의 판독을 모두 남기고 무엇이 결정했는지 적습니다.
WITH readings AS (
    SELECT
        wordings.mention_id,
        wordings.text_hash,
        wordings.first_seen_at,
        wordings.is_latest,
        wordings.version,
        readings.model_sentiment,
        readings.model_score,
        coalesce(readings.sentiment_by_person, false) AS by_person,
        coalesce(evidence.is_taken_back, false) AS is_taken_back,
        CASE
            WHEN wordings.rating <= settings.rating_complaint_max THEN 'complaint'
            WHEN wordings.rating >= settings.rating_praise_min THEN 'praise'
            WHEN wordings.rating IS NOT NULL THEN 'neutral'
        END AS rating_sentiment,
        settings.model_overrules_rating_at,
        settings.uncertain_below
    FROM staging.stg_wordings AS wordings
    CROSS JOIN ref.settings
    LEFT JOIN intermediate.int_readings AS readings USING (text_hash)
    LEFT JOIN intermediate.int_evidence AS evidence USING (text_hash)
),
decided AS (
    SELECT
        *,
        CASE
            WHEN by_person THEN 'person'
            -- "제가 못 봤네요, 잘 받았습니다": the words of the trouble are all there, but it is over. A sure model knows better.
            WHEN is_taken_back AND rating_sentiment IS NULL AND model_sentiment = 'complaint'
                AND model_score < model_overrules_rating_at THEN 'taken_back'
            -- Three stars say little: the words decide where there are any.
            WHEN coalesce(rating_sentiment, 'neutral') = 'neutral' AND model_sentiment IS NOT NULL THEN 'model'
            WHEN rating_sentiment IS NULL THEN NULL
            WHEN model_score >= model_overrules_rating_at
                AND (rating_sentiment, model_sentiment) IN (('complaint', 'praise'), ('praise', 'complaint')) THEN 'model'
            ELSE 'stars'
        END AS sentiment_by
    FROM readings
)
SELECT
    mention_id,
    text_hash,
    first_seen_at,
    is_latest,
    version,
    model_sentiment,
    model_score,
    rating_sentiment,
    sentiment_by,
    CASE sentiment_by WHEN 'stars' THEN rating_sentiment WHEN 'taken_back' THEN 'neutral' ELSE model_sentiment END AS sentiment,
    CASE WHEN sentiment_by = 'model' THEN model_score WHEN sentiment_by IS NOT NULL THEN 1.0 END AS sentiment_score,
    coalesce(sentiment_by = 'model' AND model_score < uncertain_below, false) AS is_uncertain
FROM decided
