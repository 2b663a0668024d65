-- grain: text_hash
-- materialized: table
-- description: All readings of a text side by side. | 한 텍스트에 대한 모든 판독을 한 행에 모은 것.
SELECT
    text_hash,
    -- 'none': read, but in a language the model does not know.
    arg_max(label, (score, label)) FILTER (task = 'sentiment' AND label <> 'none') AS model_sentiment,
    max(score) FILTER (task = 'sentiment' AND label <> 'none') AS model_score,
    coalesce(bool_or(by_person) FILTER (task = 'sentiment'), false) AS sentiment_by_person,
    any_value(model_version) FILTER (task = 'sentiment') AS sentiment_version,
    arg_max(label, (score, label)) FILTER (task = 'advertising' AND label <> 'none') AS noise,
    arg_max(label, (score, label)) FILTER (task = 'language') AS language,
    list(label ORDER BY score DESC, label) FILTER (task = 'topic' AND label <> 'none') AS topics,
    list(DISTINCT label ORDER BY label) FILTER (task = 'urgency' AND label NOT IN ('none', 'severity')) AS urgencies,
    max(try_cast(value AS INTEGER)) FILTER (task = 'urgency' AND label = 'severity') AS severity,
    string_agg(evidence, ', ' ORDER BY evidence) FILTER (task = 'urgency' AND label = 'severity') AS severity_reason,
    coalesce(bool_or(label = 'thanks') FILTER (task = 'closing'), false) AS is_closing_thanks,
    coalesce(bool_or(label IN ('question', 'request')), false) AS is_question,
    list(DISTINCT value ORDER BY value) FILTER (task = 'about' AND label = 'homonym') AS homonym_of,
    list(DISTINCT label ORDER BY label) FILTER (task = 'reply' AND label <> 'none') AS reply_labels,
    any_value(value ORDER BY value) FILTER (task = 'reply' AND label = 'promised') AS promised,
    any_value(value ORDER BY value) FILTER (task = 'signature' AND label = 'minhash') AS minhash,
    any_value(value ORDER BY value) FILTER (task = 'signature' AND label = 'exact') AS exact_signature
FROM staging.stg_tags
GROUP BY text_hash
