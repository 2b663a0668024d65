-- grain: mention_id, brand
-- materialized: table
-- publish: complaints
-- description: One row per complaint and brand: its state, the evidence for it, how fast it was answered. A customer's later words in the same thread and copies of the same text belong to the first one. | 불만과 브랜드마다 한 행: 처리 상태와 근거, 답변까지 걸린 시간. 같은 고객이 같은 스레드에 이어 쓴 글과 퍼 나른 글은 처음 글의 건으로 봅니다.
-- column mention_id: Key of the complaint's mention | 불만 글의 언급 키
-- column brand: Brand it is about | 브랜드
-- column source: Where it was said (x, naver_cafe, ...) | 출처
-- column kind: post, comment, review, question, inquiry, mail, survey | 글의 종류
-- column title: Title, personal data masked; NULL when none or erased | 제목(개인정보 가림). 없거나 삭제된 글이면 NULL
-- column text: Words, personal data masked; NULL when none or erased | 본문(개인정보 가림). 없거나 삭제된 글이면 NULL
-- column url: Address of the original | 원문 주소
-- column place: Cafe, board, app or video it stands in | 카페·게시판·앱·영상 이름
-- column product: Product named by the source | 출처에 적힌 상품
-- column author_key: Keyed hash of the author | 작성자의 해시 키(본인을 알 수 없음)
-- column rating: Stars, 1 to 5 | 별점(1~5)
-- column published_at: Exact time, UTC; NULL when the source gives none | 정확한 작성 시각(UTC). 출처가 밝히지 않으면 NULL
-- column occurred_at: published_at, else the middle of what is known, UTC | 작성 시각. 정확하지 않으면 알려진 범위의 가운데(UTC)
-- column has_exact_time: Whether published_at is known | 정확한 시각을 아는지
-- column first_seen_at: When gwidam first saw it, UTC | 처음 수집된 때(UTC)
-- column week: ISO week in Seoul, Monday to Sunday | 한국 시간 기준 ISO 주(월~일)
-- column state: unaddressed, answered, resolved, answered_elsewhere, reopened, not_observable, withdrawn | 처리 상태: 답변 없음·답변됨·해결됨·다른 곳에서 답변됨·다시 불만·확인 불가·철회됨
-- column state_rule: The rule that decided the state | 상태를 정한 규칙
-- column evidence: Why the state holds: rule, row, when | 상태의 근거: 어떤 규칙으로, 어떤 글을 보고, 언제
-- column evidence_id: Mention or resolution the evidence points to | 근거가 된 글 또는 해결 기록의 키
-- column last_checked_at: When its answers were last looked at, UTC; NULL when never | 답변 여부를 마지막으로 확인한 때(UTC). 확인한 적 없으면 NULL
-- column answered_at: First answer, UTC; NULL when none or not dated | 첫 답변 시각(UTC). 답변이 없거나 시각을 모르면 NULL
-- column answered_by_mention_id: The first official answer, a row of responses | 첫 공식 답변의 키(responses)
-- column only_boilerplate: Every answer seen was pasted: the same words were posted at least three times | 받은 답변이 모두 여러 글에 똑같이 붙인 문구인지
-- column first_response_minutes: From complaint to first answer, wall clock; NULL unless both times are exact | 첫 답변까지 걸린 분(벽시계). 두 시각이 모두 정확할 때만
-- column first_response_business_minutes: The same in business minutes | 첫 답변까지 걸린 분(영업시간)
-- column sentiment_by: What decided on its newest words: stars, model, person, or taken_back where they say that it is over | 최신 글의 판정을 정한 것: 별점(stars)·모델(model)·사람(person)·글쓴이가 거둬들임(taken_back)
-- column sentiment_score: Certainty of that reading, 0 to 1 | 판정의 확신도(0~1)
-- column is_uncertain: The model decided, but was not sure | 모델이 판정했으나 확신이 낮음
-- column model_sentiment: What the model reads in the words | 모델의 판독
-- column rating_sentiment: What the stars say | 별점의 판독
-- column topics: Topics, most certain first; empty when none | 주제(확신이 높은 순)
-- column team: Team of the first topic | 담당 팀(첫 주제 기준)
-- column severity: 1 to 5 | 심각도(1~5)
-- column severity_reason: What raised the severity | 심각도의 이유
-- column urgencies: Urgency signs: safety, legal, press, boycott, churn, repeat | 긴급 신호: 안전·법적 조치·언론·불매·이탈·반복
-- column reach: likes + replies + shares + views/100 of all its copies and reshares, plus one for each further copy | 도달: 모든 사본과 공유의 좋아요+댓글+공유+조회수/100, 사본마다 1을 더함
-- column places: In how many places the same text stands | 같은 글이 올라온 곳의 수
-- column follow_ups: How often the same customer complained again in the thread | 같은 고객이 같은 스레드에서 다시 불만을 쓴 횟수
-- column cluster_id: Earliest mention with the same text | 같은 글 묶음의 첫 언급 키
WITH states AS (
    SELECT
        *,
        CASE
            WHEN state_rule IN ('deleted', 'edited_away') THEN 'withdrawn'
            WHEN state_rule IN ('recorded_by_person', 'customer_confirmed', 'thanked_in_edit') THEN 'resolved'
            WHEN state_rule IN ('complained_again', 'edited_after_answer') THEN 'reopened'
            WHEN state_rule IN ('direct_reply', 'reply_to_same_customer', 'in_thread', 'source_says_answered') THEN 'answered'
            WHEN state_rule = 'copy_answered' THEN 'answered_elsewhere'
            WHEN state_rule IN ('no_answer_in_timeline', 'no_answer_in_thread', 'source_says_unanswered') THEN 'unaddressed'
            ELSE 'not_observable'
        END AS state,
        coalesce(first_answer_at, source_answered_at) AS answered_at
    FROM intermediate.int_case_states
),
-- Open minutes before a moment, brand by brand: the difference of two of them is the business time between.
hours AS (
    SELECT brand, opens_at, closes_at,
        coalesce(sum(epoch(closes_at - opens_at)) OVER (
            PARTITION BY brand ORDER BY opens_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS open_seconds_before
    FROM ref.business_hours
),
-- Only exact times have minutes; an answer dated before the complaint says that the complaint was edited later.
timed AS (
    SELECT states.mention_id, states.brand, mentions.published_at, states.answered_at
    FROM states
    JOIN intermediate.int_mentions AS mentions USING (mention_id)
    LEFT JOIN intermediate.int_mentions AS official ON official.mention_id = states.first_response_id
    WHERE mentions.published_at IS NOT NULL AND states.answered_at >= mentions.published_at
        AND (states.first_response_id IS NULL OR official.published_at IS NOT NULL)
),
minutes AS (
    SELECT
        timed.mention_id,
        timed.brand,
        epoch(timed.answered_at - timed.published_at) / 60 AS first_response_minutes,
        (before_answer.open_seconds_before
            + epoch(least(timed.answered_at, before_answer.closes_at) - before_answer.opens_at)
            - before_complaint.open_seconds_before
            - epoch(least(timed.published_at, before_complaint.closes_at) - before_complaint.opens_at)
        ) / 60 AS first_response_business_minutes
    FROM timed
    ASOF LEFT JOIN hours AS before_complaint
        ON before_complaint.brand = timed.brand AND timed.published_at >= before_complaint.opens_at
    ASOF LEFT JOIN hours AS before_answer
        ON before_answer.brand = timed.brand AND timed.answered_at >= before_answer.opens_at
)
SELECT
    states.mention_id,
    states.brand,
    mentions.source,
    mentions.kind,
    mentions.title,
    mentions.text,
    mentions.url,
    mentions.place,
    mentions.product,
    mentions.author_key,
    mentions.rating,
    mentions.published_at,
    mentions.occurred_at,
    mentions.has_exact_time,
    mentions.first_seen_at,
    mentions.week,
    states.state,
    states.state_rule,
    evidence.evidence,
    evidence.evidence_id,
    states.last_checked_at,
    states.answered_at,
    states.first_response_id AS answered_by_mention_id,
    states.only_boilerplate,
    minutes.first_response_minutes,
    minutes.first_response_business_minutes,
    mentions.sentiment_by,
    mentions.sentiment_score,
    mentions.is_uncertain,
    mentions.model_sentiment,
    mentions.rating_sentiment,
    mentions.topics,
    topics.team,
    mentions.severity,
    mentions.severity_reason,
    mentions.urgencies,
    clusters.reach,
    clusters.places,
    states.follow_ups,
    clusters.cluster_id
FROM states
JOIN intermediate.int_mentions AS mentions USING (mention_id)
JOIN intermediate.int_clusters AS clusters USING (mention_id)
JOIN intermediate.int_case_evidence AS evidence USING (mention_id, brand)
LEFT JOIN minutes USING (mention_id, brand)
LEFT JOIN ref.topics ON topics.topic = mentions.topics[1]
