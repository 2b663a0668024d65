-- grain: mention_id, brand
-- materialized: table
-- publish: questions
-- description: Customers' questions and requests that are no complaints; the unanswered ones are listed beside the complaints. | 불만은 아닌 고객의 질문·요청. 답변이 없으면 불만과 나란히 보여 줍니다.
-- column mention_id: Key of the mention | 언급 키
-- column brand: Brand asked about | 브랜드
-- column source: Where it was asked | 출처
-- column kind: Kind of post | 글의 종류
-- column title: Title, masked | 제목(개인정보 가림)
-- column text: Words, masked | 본문(개인정보 가림)
-- column url: Address of the original | 원문 주소
-- column place: Cafe, board, app or video | 카페·게시판·앱·영상 이름
-- column rating: Stars | 별점
-- column published_at: Exact time, UTC | 정확한 작성 시각(UTC)
-- column occurred_at: Best known time, UTC | 알려진 작성 시각(UTC)
-- column week: ISO week in Seoul | 한국 시간 기준 ISO 주
-- column state: unaddressed, answered or not_observable | 상태: 답변 없음·답변됨·확인 불가
-- column last_checked_at: When its answers were last looked at, UTC | 답변 여부를 마지막으로 확인한 때(UTC)
-- column answered_at: First answer, UTC | 첫 답변 시각(UTC)
-- column topics: Topics, most certain first | 주제
-- column team: Team of the first topic | 담당 팀
-- column reach: Likes, replies, shares and views/100 | 도달
SELECT
    mentions.mention_id,
    mentions.brand,
    mentions.source,
    mentions.kind,
    mentions.title,
    mentions.text,
    mentions.url,
    mentions.place,
    mentions.rating,
    mentions.published_at,
    mentions.occurred_at,
    mentions.week,
    CASE
        WHEN mentions.is_answered THEN 'answered'
        WHEN (sources.shows_answers IS NOT false OR checks.is_stated) AND checks.last_checked_at >= mentions.occurred_at THEN 'unaddressed'
        ELSE 'not_observable'
    END AS state,
    checks.last_checked_at,
    mentions.answered_at,
    mentions.topics,
    topics.team,
    mentions.reach
FROM marts.fct_mentions AS mentions
JOIN intermediate.int_answer_checks AS checks USING (mention_id, brand)
LEFT JOIN ref.sources ON sources.source = mentions.source
LEFT JOIN ref.topics ON topics.topic = mentions.topics[1]
WHERE mentions.counts AND mentions.is_question AND mentions.deleted_at IS NULL
    -- While untagged nothing is known to be harmless; praise that ends in "right?" asks nothing.
    AND mentions.sentiment = 'neutral'
