-- grain: mention_id, brand
-- materialized: view
-- inherits: unaddressed
-- description: `unaddressed`, of the last complete week only. | 지난주에 올라와 아직 답이 없는 불만.
SELECT unaddressed.*
FROM main.unaddressed
SEMI JOIN main.build ON unaddressed.week = build.last_week
ORDER BY priority DESC, occurred_at, mention_id
