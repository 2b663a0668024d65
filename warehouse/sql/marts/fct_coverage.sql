-- grain: run_id, source, brand, query
-- materialized: table
-- publish: coverage
-- description: What each listening run asked for and what it got: silence is not calm. | 수집할 때마다 무엇을 요청했고 무엇을 받았는지. 조용한 것과 듣지 못한 것을 구분합니다.
-- column run_id: Run | 수집 실행
-- column source: Source | 출처
-- column brand: Brand | 브랜드
-- column query: What was asked | 검색어·범위
-- column started_at: Start, UTC | 시작(UTC)
-- column finished_at: End, UTC | 끝(UTC)
-- column outcome: complete, partial or failed | 결과: 완료·일부·실패
-- column reason: Why not complete: cap, quota, rate_limit, robots, credentials, unavailable, changed | 완료되지 못한 이유
-- column message: The one line for a person | 안내 문구
-- column asked_from: Window asked for, from, UTC | 요청 범위 시작(UTC)
-- column asked_to: Window asked for, to, UTC | 요청 범위 끝(UTC)
-- column seen: Items seen | 본 건수
-- column new_mentions: New among them | 새 건수
-- column quarantined: Put aside with a reason | 격리된 건수
-- column requests: Requests made | 요청 횟수
-- column cap_hit: The source's limit was reached, so something is missing | 출처의 한도에 걸려 빠진 것이 있음
-- column answers_from: From when the brand's own posts were read completely, UTC | 공식 글을 빠짐없이 읽은 범위 시작(UTC)
-- column answers_to: Until when, UTC | 공식 글을 빠짐없이 읽은 범위 끝(UTC)
-- column cost_usd: What the source bills, US dollars | 비용(달러)
-- column is_latest: Belongs to the latest run of its source and brand | 출처·브랜드의 가장 최근 수집인지
SELECT
    run_id, source, brand, query, started_at, finished_at, outcome, reason, message, asked_from, asked_to, seen,
    new_mentions, quarantined, requests, cap_hit, answers_from, answers_to, cost_usd,
    run_id = first_value(run_id) OVER (PARTITION BY source, brand ORDER BY started_at DESC, run_id DESC) AS is_latest
FROM staging.stg_coverage
