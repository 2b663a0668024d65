-- grain: mention_id, text_hash
-- materialized: table
-- description: Complaint, praise or neutral, wording by wording, with both readings and which one decided (design, section 5). | 판본별 불만·칭찬·중립 판정. 모델과 별점의 판독을 모두 남기고 무엇이 결정했는지 적습니다.
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
),
decided AS (
    SELECT
        *,
        CASE
            WHEN by_person THEN 'person'
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
    CASE WHEN sentiment_by = 'stars' THEN rating_sentiment ELSE model_sentiment END AS sentiment,
    CASE sentiment_by WHEN 'model' THEN model_score WHEN 'stars' THEN 1.0 WHEN 'person' THEN 1.0 END AS sentiment_score,
    coalesce(sentiment_by = 'model' AND model_score < uncertain_below, false) AS is_uncertain
FROM decided
