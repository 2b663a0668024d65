-- grain: text_hash, task, label, value
-- materialized: table
-- description: What is held true of a text, task by task: an analyst's correction, else the current version's reading, else the newest older one. | 텍스트마다, 과제마다 지금 유효한 판독: 사람이 고친 것, 없으면 현재 버전, 그것도 없으면 가장 최근 버전.
WITH chosen AS (
    SELECT
        text_hash,
        task,
        arg_max(model_version, (is_current, loaded_at, model_version)) AS model_version
    FROM (
        SELECT tags.text_hash, tags.task, tags.model_version, tags.loaded_at, task_versions.version IS NOT NULL AS is_current
        FROM raw.tags
        LEFT JOIN ref.task_versions
            ON task_versions.task = tags.task AND task_versions.version = tags.model_version
    )
    GROUP BY text_hash, task
),
corrected AS (
    SELECT text_hash, task, label
    FROM raw.gold
    QUALIFY labelled_at = max(labelled_at) OVER (PARTITION BY text_hash, task)
)
SELECT text_hash, task, label, value, score, evidence, model, model_version, false AS by_person
FROM raw.tags
SEMI JOIN chosen USING (text_hash, task, model_version)
ANTI JOIN corrected USING (text_hash, task)
UNION ALL
SELECT DISTINCT text_hash, task, label, '' AS value, 1.0 AS score, '' AS evidence, 'person' AS model, '' AS model_version, true
FROM corrected
