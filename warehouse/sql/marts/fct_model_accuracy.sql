-- grain: task, model_version
-- materialized: table
-- publish: model_accuracy
-- description: How often the current readings agree with analysts' corrections. | 분석가가 고친 값과 현재 판독이 얼마나 일치하는지.
-- column task: Reading task | 판독 과제
-- column model_version: Version judged | 평가한 버전
-- column labelled: Texts that a person labelled | 사람이 확인한 텍스트 수
-- column correct: Of these read the same way | 그중 판독이 일치한 수
WITH corrected AS (
    SELECT text_hash, task, label FROM raw.gold
    QUALIFY row_number() OVER (PARTITION BY text_hash, task ORDER BY labelled_at DESC, labelled_by, label) = 1
)
SELECT
    corrected.task,
    task_versions.version AS model_version,
    count(DISTINCT corrected.text_hash) AS labelled,
    count(DISTINCT corrected.text_hash) FILTER (tags.label = corrected.label) AS correct
FROM corrected
JOIN ref.task_versions ON task_versions.task = corrected.task
JOIN raw.tags
    ON tags.text_hash = corrected.text_hash AND tags.task = corrected.task AND tags.model_version = task_versions.version
GROUP BY corrected.task, task_versions.version
