-- grain: built_for
-- materialized: table
-- publish: build
-- description: One row: the moment this copy was built for. | 한 행: 이 사본이 만들어진 기준 시각.
-- column built_for: The "now" of the build, UTC | 빌드 기준 시각(UTC)
-- column this_week: ISO week that holds it, Seoul | 기준 시각이 속한 주
-- column last_week: The last complete ISO week before it | 직전에 끝난 주
SELECT
    built_for,
    strftime(built_for + INTERVAL 9 HOUR, '%G-W%V') AS this_week,
    strftime(built_for + INTERVAL 9 HOUR - INTERVAL 7 DAY, '%G-W%V') AS last_week
FROM ref.settings
