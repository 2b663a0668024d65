-- grain: mention_id, brand
-- materialized: table
-- description: The evidence for each state as a sentence for people (times in Seoul) and the key it points to. | 상태의 근거를 사람이 읽을 문장으로(한국 시간), 근거가 된 행의 키와 함께.
WITH said AS (
    SELECT
        mention_id,
        brand,
        state_rule,
        first_response_id,
        complained_again_id,
        thanked_id,
        resolution_id,
        copy_id,
        copy_source,
        resolved_how,
        only_boilerplate,
        -- coalesce: a time nobody gave is said to be unknown, never left out silently.
        coalesce(strftime(deleted_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '시각 미상') AS deleted,
        coalesce(strftime(resolved_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '시각 미상') AS resolved,
        coalesce(strftime(wording_first_seen_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '시각 미상') AS edited,
        coalesce(strftime(handled_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '시각 미상') AS handled,
        coalesce(strftime(complained_again_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '시각 미상') AS again,
        coalesce(strftime(thanked_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '시각 미상') AS thanked,
        coalesce(strftime(first_answer_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '시각 미상') AS answered,
        coalesce(strftime(source_answered_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '시각 미상') AS stated,
        coalesce(strftime(copy_answered_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '시각 미상') AS copy_answered,
        coalesce(strftime(last_checked_at + INTERVAL 9 HOUR, '%Y-%m-%d %H:%M'), '없음') AS checked
    FROM intermediate.int_case_states
)
SELECT
    mention_id,
    brand,
    CASE state_rule
        WHEN 'deleted' THEN '원글이 삭제됨(' || deleted || ')'
        WHEN 'recorded_by_person' THEN '담당자가 처리 완료로 기록함(' || resolved || ', ' || resolved_how || ')'
        WHEN 'edited_away' THEN '글이 수정되어 더는 불만이 아님(' || edited || ' 확인)'
        WHEN 'complained_again' THEN '답변·처리(' || handled || ') 뒤에 같은 고객이 다시 불만을 남김(' || again || ')'
        WHEN 'edited_after_answer' THEN '답변(' || handled || ') 뒤에 글이 수정되었고 여전히 불만임(' || edited || ' 확인)'
        WHEN 'thanked_in_edit' THEN '답변 뒤에 고객이 글을 고쳐 해결되었다고 밝힘(' || edited || ' 확인)'
        WHEN 'customer_confirmed' THEN '답변 뒤에 고객이 감사·만족을 표현함(' || thanked || ')'
        WHEN 'direct_reply' THEN '공식 계정이 이 글에 직접 답글을 남김(' || answered || ')'
        WHEN 'reply_to_same_customer' THEN '공식 계정이 같은 고객의 이어진 글에 답글을 남김(' || answered || ')'
        WHEN 'in_thread' THEN '공식 계정이 같은 스레드에 답변을 남김(' || answered || ')'
        WHEN 'source_says_answered' THEN '출처에 답변 완료로 표시됨(답변 시각: ' || stated || ')'
        WHEN 'copy_answered' THEN '같은 글이 다른 곳(' || copy_source || ')에서 답변을 받음(' || copy_answered || ')'
        WHEN 'no_answer_in_timeline' THEN '공식 계정의 글을 ' || checked || '까지 모두 읽었으나 답변이 없음'
        WHEN 'no_answer_in_thread' THEN '글을 ' || checked || '에 다시 확인했으나 답변이 없음'
        WHEN 'source_says_unanswered' THEN '출처에 답변이 없는 것으로 표시됨'
        WHEN 'not_looked_at_yet' THEN '글이 올라온 뒤 답변 여부를 아직 확인하지 못함'
        ELSE '이 출처는 답변 여부를 보여 주지 않음: 직접 확인 필요'
    END || CASE WHEN only_boilerplate THEN ' · 여러 글에 똑같이 붙인 답변뿐임' ELSE '' END || ' · 마지막 확인: ' || checked || ' (한국 시간)' AS evidence,
    CASE
        WHEN state_rule IN ('direct_reply', 'reply_to_same_customer', 'in_thread') THEN first_response_id
        WHEN state_rule = 'complained_again' THEN complained_again_id
        WHEN state_rule = 'customer_confirmed' THEN thanked_id
        WHEN state_rule = 'recorded_by_person' THEN resolution_id
        WHEN state_rule = 'copy_answered' THEN copy_id
        ELSE mention_id
    END AS evidence_id
FROM said
