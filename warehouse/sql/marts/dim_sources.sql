-- grain: source
-- materialized: table
-- publish: sources
-- description: Sources that gwidam can listen to, and whether they can show the brand's answers. | 수집할 수 있는 출처와, 브랜드의 답변을 볼 수 있는 출처인지.
-- column source: Source id | 출처 id
-- column name_ko: Korean name | 한국어 이름
-- column name_en: English name | 영어 이름
-- column shows_answers: Whether answers can be seen there | 답변을 볼 수 있는지
SELECT source, name_ko, name_en, shows_answers FROM ref.sources
