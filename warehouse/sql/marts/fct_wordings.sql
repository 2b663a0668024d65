-- grain: mention_id, version
-- materialized: table
-- publish: wordings
-- description: Every wording a mention has had, with how each one reads: the history behind an edit. Only the newest one's words are shown, in mentions. | 글의 모든 판본과 판본별 판정. 수정 이력입니다. 본문은 최신 판본만 mentions에 있습니다.
-- column mention_id: The mention | 언급 키
-- column version: 1 is the first wording seen | 판본 번호(1이 처음 본 글)
-- column text_hash: Key of the wording | 글 내용의 키
-- column is_latest: Whether it is the newest wording; it decides | 최신 판본인지. 판정은 최신 판본으로 합니다
-- column first_seen_at: When this wording was first seen, UTC | 이 판본을 처음 본 때(UTC)
-- column sentiment: complaint, praise or neutral; NULL while untagged | 불만·칭찬·중립. 아직 판독 전이면 NULL
-- column sentiment_by: What decided: stars, model, person or taken_back | 무엇이 결정했는지
-- column sentiment_score: Certainty of the reading that decided, 0 to 1 | 판정의 확신도(0~1)
SELECT mention_id, version, text_hash, is_latest, first_seen_at, sentiment, sentiment_by, sentiment_score
FROM intermediate.int_wordings
WHERE text_hash <> ''
