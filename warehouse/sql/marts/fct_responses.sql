-- grain: response_id, brand
-- materialized: table
-- publish: responses
-- description: Every official answer seen, and every answer that a source states without showing it. | 확인된 공식 답변, 그리고 출처가 답변했다고만 밝힌 것.
-- column response_id: Key: mention_id of the answer, or of the mention whose source states one with '-stated' | 답변의 언급 키. 출처가 밝히기만 한 답변은 원글 키에 '-stated'
-- column brand: Brand that answered | 브랜드
-- column source: Where | 출처
-- column mention_id: First customer's mention it answers; NULL when it answers none that is known | 답변을 받은 고객 글의 키
-- column thread_id: mention_id of the thread's first post | 스레드 첫 글의 언급 키
-- column text: Words of the answer; NULL when not shown | 답변 본문. 볼 수 없으면 NULL
-- column url: Address | 주소
-- column published_at: When, UTC; NULL when unknown | 답변 시각(UTC). 모르면 NULL
-- column rule: direct_reply, reply_to_same_customer, in_thread, source_says_answered, unlinked | 연결 규칙
-- column answers: How many customers' mentions it answers | 답변을 받은 고객 글 수
-- column labels: How it reads: thanked, apologised, denied, house_rules, next_step, moved_private, promised, ... | 답변의 성격: 감사·사과·부인·내규·다음 조치·비공개 전환·약속 등
-- column promised: What was promised by when, as read | 약속한 기한
-- column is_boilerplate: The same words, or nearly the same, were posted at least three times | 같은(거의 같은) 문구를 세 번 이상 붙여 넣은 답변인지
WITH linked AS (
    SELECT
        answers.response_id,
        arg_min(answers.mention_id, (rank_of_rule, mentions.occurred_at, answers.mention_id)) AS mention_id,
        arg_min(answers.rule, (rank_of_rule, mentions.occurred_at, answers.mention_id)) AS rule,
        count(*) AS answers
    FROM (
        SELECT *, list_position(['direct_reply', 'reply_to_same_customer', 'in_thread'], rule) AS rank_of_rule
        FROM intermediate.int_answers
    ) AS answers
    JOIN intermediate.int_mentions AS mentions USING (mention_id)
    GROUP BY answers.response_id
)
SELECT
    official.mention_id AS response_id,
    mention_brands.brand,
    official.source,
    linked.mention_id,
    official.thread_id,
    official.text,
    official.url,
    official.published_at,
    coalesce(linked.rule, 'unlinked') AS rule,
    coalesce(linked.answers, 0) AS answers,
    official.reply_labels AS labels,
    official.promised,
    coalesce(replies.is_boilerplate, false) AS is_boilerplate
FROM intermediate.int_mentions AS official
JOIN raw.mention_brands USING (mention_id)
LEFT JOIN linked ON linked.response_id = official.mention_id
LEFT JOIN intermediate.int_replies AS replies ON replies.mention_id = official.mention_id
-- The brand's own posts that reply to nobody are no answers.
WHERE official.is_official AND (linked.response_id IS NOT NULL OR official.parent_id IS NOT NULL)
UNION ALL
SELECT
    mentions.mention_id || '-stated',
    mentions.brand,
    mentions.source,
    mentions.mention_id,
    mentions.thread_id,
    NULL,
    mentions.url,
    mentions.answered_at,
    'source_says_answered',
    1,
    [],
    NULL,
    false
FROM marts.fct_mentions AS mentions
WHERE mentions.answered AND NOT mentions.is_official
    AND mentions.mention_id NOT IN (SELECT mention_id FROM intermediate.int_answers)
