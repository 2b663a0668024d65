-- grain: brand, week, topic
-- materialized: table
-- publish: weekly_topics
-- description: Complaints by topic and week, compared with the week before. A complaint with two topics counts in both. | 주별·주제별 불만과 전주 비교. 주제가 둘이면 양쪽에 셉니다.
-- column brand: Brand | 브랜드
-- column week: ISO week, Seoul | 한국 시간 기준 ISO 주
-- column topic: Topic id; 'none' when no topic was found | 주제 id. 주제가 없으면 none
-- column name_ko: Topic in Korean | 주제(한국어)
-- column name_en: Topic in English | 주제(영어)
-- column team: Team it goes to | 담당 팀
-- column complaints: Complaints, withdrawn ones left out | 불만 수(철회 제외)
-- column unaddressed: Of these without an answer | 답변이 없는 수
-- column complaints_before: The week before | 전주 불만 수
-- column change: complaints - complaints_before | 전주 대비 증감
-- column worst_severity: Highest severity | 가장 높은 심각도
-- column reach: Sum of reach | 도달 합계
WITH counted AS (
    SELECT brand, week, unnest(CASE WHEN len(topics) = 0 THEN ['none'] ELSE topics END) AS topic, state, severity, reach
    FROM marts.fct_complaints
    WHERE state <> 'withdrawn'
),
weekly AS (
    SELECT
        brand,
        week,
        topic,
        strptime(week || '-1', '%G-W%V-%u') AS monday,
        count(*) AS complaints,
        count(*) FILTER (state = 'unaddressed') AS unaddressed,
        max(severity) AS worst_severity,
        sum(reach)::BIGINT AS reach
    FROM counted
    GROUP BY brand, week, topic
),
-- A topic that fell silent keeps one row of zero, so that the fall can be seen.
slots AS (
    SELECT brand, topic, monday FROM weekly
    UNION
    SELECT brand, topic, monday + INTERVAL 7 DAY FROM weekly
    WHERE monday + INTERVAL 7 DAY <= (SELECT date_trunc('week', built_for + INTERVAL 9 HOUR) FROM ref.settings)
)
SELECT
    slots.brand,
    strftime(slots.monday, '%G-W%V') AS week,
    slots.topic,
    CASE WHEN slots.topic = 'none' THEN '주제 없음' ELSE coalesce(topics.name_ko, slots.topic) END AS name_ko,
    CASE WHEN slots.topic = 'none' THEN 'no topic' ELSE coalesce(topics.name_en, slots.topic) END AS name_en,
    topics.team,
    coalesce(this.complaints, 0) AS complaints,
    coalesce(this.unaddressed, 0) AS unaddressed,
    coalesce(before.complaints, 0) AS complaints_before,
    coalesce(this.complaints, 0) - coalesce(before.complaints, 0) AS change,
    this.worst_severity,
    coalesce(this.reach, 0) AS reach
FROM slots
LEFT JOIN weekly AS this USING (brand, topic, monday)
LEFT JOIN weekly AS before
    ON before.brand = slots.brand AND before.topic = slots.topic AND before.monday = slots.monday - INTERVAL 7 DAY
LEFT JOIN ref.topics ON topics.topic = slots.topic
