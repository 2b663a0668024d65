-- grain: team
-- materialized: table
-- publish: teams
-- description: Teams of the shop. | 쇼핑몰의 팀.
-- column team: Team id | 팀 id
-- column name_ko: Korean name | 한국어 이름
-- column name_en: English name | 영어 이름
SELECT team, name_ko, name_en FROM ref.teams
