-- grain: run_id, source
-- materialized: table
-- publish: runs
-- description: Listening runs, one row per run and source. | 수집 실행과 출처마다 한 행.
-- column run_id: Run | 수집 실행
-- column source: Source | 출처
-- column started_at: Start, UTC | 시작(UTC)
-- column finished_at: End, UTC | 끝(UTC)
-- column outcome: The worst outcome of its queries | 가장 나쁜 결과
-- column reasons: Why not complete | 완료되지 못한 이유
-- column seen: Items seen | 본 건수
-- column new_mentions: New among them | 새 건수
-- column quarantined: Put aside with a reason | 격리된 건수
-- column requests: Requests made | 요청 횟수
-- column cost_usd: What the source bills, US dollars | 비용(달러)
SELECT
    run_id,
    source,
    min(started_at) AS started_at,
    max(finished_at) AS finished_at,
    arg_max(outcome, coalesce(list_position(['complete', 'partial', 'failed'], outcome), 4)) AS outcome,
    coalesce(string_agg(DISTINCT reason, ', ' ORDER BY reason) FILTER (reason <> ''), '') AS reasons,
    sum(seen)::BIGINT AS seen,
    sum(new_mentions)::BIGINT AS new_mentions,
    sum(quarantined)::BIGINT AS quarantined,
    sum(requests)::BIGINT AS requests,
    sum(cost_usd) AS cost_usd
FROM staging.stg_coverage
GROUP BY run_id, source
