-- grain: mention_id, brand
-- materialized: table
-- publish: mentions
-- description: One row per utterance and brand, with its readings. | 언급과 브랜드마다 한 행. 모든 판독이 함께 있습니다.
-- column mention_id: Key: hash of source and native_id | 언급 키(출처와 원래 id의 해시)
-- column brand: Brand it is about | 브랜드
-- column source: Where it was said | 출처
-- column native_id: The source's own id | 출처에서 쓰는 id
-- column kind: post, comment, review, question, inquiry, mail, survey, reshare | 글의 종류
-- column thread_id: mention_id of the thread's first post | 스레드 첫 글의 언급 키
-- column parent_id: mention_id of the post replied to | 답글이 달린 글의 언급 키
-- column reshare_of: mention_id of the post reshared | 공유한 원글의 언급 키
-- column title: Title, personal data masked | 제목(개인정보 가림)
-- column text: Words, personal data masked; NULL when erased | 본문(개인정보 가림). 삭제된 글이면 NULL
-- column text_hash: Key of the wording, joins readings | 글 내용의 키
-- column url: Address of the original | 원문 주소
-- column place: Cafe, board, app or video it stands in | 카페·게시판·앱·영상 이름
-- column product: Product named by the source | 출처에 적힌 상품
-- column rating: Stars, 1 to 5 | 별점(1~5)
-- column score_kind: Survey score: nps or csat | 설문 점수 종류(nps·csat)
-- column score_value: Survey score | 설문 점수
-- column published_at: Exact time, UTC; NULL when the source gives none | 정확한 작성 시각(UTC). 출처가 밝히지 않으면 NULL
-- column occurred_at: published_at, else the middle of what is known, UTC | 작성 시각. 정확하지 않으면 알려진 범위의 가운데(UTC)
-- column not_before: Earliest possible time, UTC | 가장 이른 가능한 작성 시각(UTC)
-- column not_after: Latest possible time, UTC | 가장 늦은 가능한 작성 시각(UTC)
-- column week: ISO week in Seoul, Monday to Sunday | 한국 시간 기준 ISO 주(월~일)
-- column first_seen_at: When gwidam first saw it, UTC | 처음 수집된 때(UTC)
-- column last_seen_at: When gwidam last saw it, UTC | 마지막으로 본 때(UTC)
-- column versions: How many wordings were seen | 확인된 판본 수
-- column deleted_at: When the source deleted it, UTC; its words are erased | 삭제된 때(UTC). 본문은 지워집니다
-- column is_official: The brand's own words | 브랜드 공식 글인지
-- column author_key: Keyed hash of the author | 작성자의 해시 키
-- column language: ko, en or other | 언어
-- column sentiment: complaint, praise or neutral; NULL while untagged | 불만·칭찬·중립. 아직 판독 전이면 NULL
-- column sentiment_score: Certainty of the reading that decided, 0 to 1 | 판정의 확신도(0~1)
-- column sentiment_by: What decided: stars, model, person, or taken_back where the words say that the trouble is over | 무엇이 결정했는지: 별점·모델·사람·글쓴이가 거둬들임
-- column model_sentiment: What the model reads in the words | 모델의 판독
-- column model_score: The model's certainty, 0 to 1 | 모델의 확신도
-- column rating_sentiment: What the stars say | 별점의 판독
-- column sentiment_version: Version of the model that read it | 판독한 모델의 버전
-- column is_uncertain: The model decided, but was not sure | 모델이 판정했으나 확신이 낮음
-- column is_advertising: Sponsored, giveaway or job post: never word of mouth | 광고·이벤트·구인 글인지
-- column noise: advertising, giveaway, job_post, repost; NULL when none | 광고·이벤트·구인·펌글 구분. 해당 없으면 NULL
-- column is_homonym: Merely shares the brand's name | 이름만 같은 다른 것에 관한 글인지
-- column is_question: A question or request | 질문·요청인지
-- column is_reshare: A reshare of another post: reach, not a voice of its own | 공유(리포스트)인지
-- column duplicate_of: Earliest mention with the same text, when this is a copy | 퍼 나른 글이면 원글의 언급 키
-- column cluster_id: Group of mentions with the same text | 같은 글 묶음
-- column counts: A customer's own words about the brand: no advertising, official post, reshare, copy or homonym | 집계 대상인지(광고·공식·공유·사본·동명이의 제외)
-- column answered: What the source states; NULL when it does not say | 출처가 밝힌 답변 여부. 밝히지 않으면 NULL
-- column is_answered: An official answer was seen or the source states one | 공식 답변이 확인되었는지
-- column answered_at: First answer, UTC | 첫 답변 시각(UTC)
-- column likes: Likes at the last look | 좋아요 수
-- column replies: Replies at the last look | 댓글 수
-- column shares: Shares at the last look | 공유 수
-- column views: Views at the last look | 조회 수
-- column reach: likes + replies + shares + views/100, with copies and reshares | 도달(사본·공유 포함)
-- column topics: Topics, most certain first | 주제(확신이 높은 순)
-- column urgencies: Urgency signs | 긴급 신호
-- column severity: 1 to 5 | 심각도(1~5)
WITH answers AS (
    SELECT answers.mention_id, min(official.latest_at) AS answered_at
    FROM intermediate.int_answers AS answers
    JOIN intermediate.int_mentions AS official ON official.mention_id = answers.response_id
    GROUP BY answers.mention_id
)
SELECT
    mentions.mention_id,
    brand_mentions.brand,
    mentions.source,
    mentions.native_id,
    mentions.kind,
    mentions.thread_id,
    mentions.parent_id,
    mentions.reshare_of,
    mentions.title,
    mentions.text,
    mentions.text_hash,
    mentions.url,
    mentions.place,
    mentions.product,
    mentions.rating,
    mentions.score_kind,
    mentions.score_value,
    mentions.published_at,
    mentions.occurred_at,
    mentions.earliest_at AS not_before,
    mentions.latest_at AS not_after,
    mentions.week,
    mentions.first_seen_at,
    mentions.last_seen_at,
    mentions.versions,
    mentions.deleted_at,
    mentions.is_official,
    mentions.author_key,
    mentions.language,
    mentions.sentiment,
    mentions.sentiment_score,
    mentions.sentiment_by,
    mentions.model_sentiment,
    mentions.model_score,
    mentions.rating_sentiment,
    mentions.sentiment_version,
    mentions.is_uncertain,
    mentions.is_advertising,
    mentions.noise,
    brand_mentions.is_homonym,
    mentions.is_question,
    mentions.is_reshare,
    clusters.duplicate_of,
    clusters.cluster_id,
    brand_mentions.counts,
    mentions.answered,
    (answers.mention_id IS NOT NULL OR coalesce(mentions.answered, false)) AS is_answered,
    coalesce(answers.answered_at, mentions.answered_at) AS answered_at,
    mentions.likes,
    mentions.replies,
    mentions.shares,
    mentions.views,
    clusters.reach,
    mentions.topics,
    mentions.urgencies,
    mentions.severity
FROM intermediate.int_brand_mentions AS brand_mentions
JOIN intermediate.int_mentions AS mentions USING (mention_id)
JOIN intermediate.int_clusters AS clusters USING (mention_id)
LEFT JOIN answers USING (mention_id)
