-- grain: mention_id, brand
-- materialized: table
-- description: The state of each case and the rule that gave it (design, section 5). | 불만 건의 처리 상태와 그 상태를 정한 규칙.
WITH facts AS (
    SELECT
        events.*,
        mentions.occurred_at,
        mentions.deleted_at,
        cases.is_withdrawn,
        mentions.wording_first_seen_at,
        mentions.versions,
        mentions.is_closing_thanks,
        mentions.answered IS false AS source_says_unanswered,
        checks.last_checked_at,
        checks.by_timeline,
        sources.shows_answers,
        (sources.shows_answers IS NOT false OR checks.is_stated) AS shows_here,
        greatest(events.last_answer_at, events.resolved_at) AS handled_at,
        -- An edit that still complains, seen after an answer to the older wording.
        mentions.versions > 1 AND mentions.wording_first_seen_at > events.last_answer_at AS edited_after_answer
    FROM intermediate.int_case_events AS events
    JOIN intermediate.int_cases AS cases USING (mention_id, brand)
    JOIN intermediate.int_mentions AS mentions USING (mention_id)
    JOIN intermediate.int_answer_checks AS checks USING (mention_id, brand)
    LEFT JOIN ref.sources ON sources.source = mentions.source
)
SELECT
    *,
    CASE
        WHEN deleted_at IS NOT NULL THEN 'deleted'
        WHEN resolved_at IS NOT NULL AND resolved_at >= coalesce(complained_again_at, resolved_at) THEN 'recorded_by_person'
        WHEN is_withdrawn THEN 'edited_away'
        WHEN (is_answered OR resolved_at IS NOT NULL) AND complained_again_at > handled_at
            AND complained_again_at >= coalesce(thanked_at, complained_again_at) THEN 'complained_again'
        WHEN is_answered AND is_closing_thanks AND edited_after_answer THEN 'thanked_in_edit'
        WHEN is_answered AND edited_after_answer THEN 'edited_after_answer'
        WHEN is_answered AND thanked_at > coalesce(first_answer_at, source_answered_at) THEN 'customer_confirmed'
        WHEN answers > 0 THEN first_rule
        WHEN source_says_answered THEN 'source_says_answered'
        WHEN copy_id IS NOT NULL THEN 'copy_answered'
        WHEN source_says_unanswered AND last_checked_at >= occurred_at AND NOT by_timeline THEN 'source_says_unanswered'
        WHEN shows_here AND last_checked_at >= occurred_at AND by_timeline THEN 'no_answer_in_timeline'
        WHEN shows_here AND last_checked_at >= occurred_at THEN 'no_answer_in_thread'
        WHEN shows_answers THEN 'not_looked_at_yet'
        ELSE 'source_cannot_show'
    END AS state_rule
FROM facts
