-- grain: brand, earlier_id, later_id, kind
-- materialized: table
-- description: What speaks for each pair being one customer's complaint: the kind of evidence, its strength (0 to 1), its points, and the words for it. | 같은 고객의 불만일 수 있는 근거: 종류, 강도, 점수, 설명.
WITH compared AS (
    SELECT
        candidates.*,
        earlier.source AS earlier_source,
        later.source AS later_source,
        earlier.has_exact_time AND later.has_exact_time AS order_is_known,
        earlier.tried AS earlier_tried,
        later.tried AS later_tried,
        list_filter(later.events, lambda event: list_contains(earlier.events, event)) AS events,
        len(list_intersect(earlier.orders, later.orders)) AS orders,
        -- Each value is four hex digits, as in int_text_clusters.
        len(list_filter(
            range(length(earlier.hashes) // 4),
            lambda i: earlier.hashes[i * 4 + 1 : i * 4 + 4] = later.hashes[i * 4 + 1 : i * 4 + 4]
        )) / nullif(length(earlier.hashes) // 4, 0) AS similarity
    FROM intermediate.int_link_candidates AS candidates
    JOIN intermediate.int_link_cases AS earlier ON earlier.mention_id = earlier_id AND earlier.brand = candidates.brand
    JOIN intermediate.int_link_cases AS later ON later.mention_id = later_id AND later.brand = candidates.brand
),
-- Who says to have told elsewhere, and where: the later one, or either where the order of the two is not certain.
told AS (
    SELECT brand, earlier_id, later_id, later_id AS teller_id, earlier_source AS told_in, unnest(later_tried) AS tried,
        len(products) > 0 AS same_product, len(topics) > 0 AS same_topic
    FROM compared
    UNION ALL
    SELECT brand, earlier_id, later_id, earlier_id, later_source, unnest(earlier_tried), len(products) > 0, len(topics) > 0
    FROM compared WHERE NOT order_is_known
),
-- "게시판에도 올렸는데" points at one complaint there: the more fit as well or better, the less it says of each.
pointed AS (
    SELECT
        brand, earlier_id, later_id, tried.words AS words,
        count(*) OVER (
            PARTITION BY brand, teller_id, tried.words ORDER BY same_product::INTEGER + same_topic::INTEGER DESC
            RANGE UNBOUNDED PRECEDING
        ) AS rivals
    FROM told
    WHERE list_contains(tried.sources, told_in) AND (same_product OR same_topic)
),
names AS (
    SELECT MAP {
        'ordered': '주문', 'received': '수령', 'used': '사용', 'late': '지연', 'lost': '분실', 'wrong_item': '오배송',
        'broken': '파손', 'defect': '불량', 'contacted': '문의', 'exchange_asked': '교환 요청', 'exchanged': '교환받음',
        'refund_asked': '환불 요청', 'refused': '거절', 'promised': '약속', 'no_answer': '무응답', 'again': '되풀이'
    } AS of_events
),
found AS (
    SELECT brand, earlier_id, later_id, 'author' AS kind, 1.0 AS strength, '작성자가 같음' AS words
    FROM compared WHERE same_author
    UNION ALL
    SELECT brand, earlier_id, later_id, 'product', 1.0, '같은 상품: ' || array_to_string(products, ', ')
    FROM compared WHERE len(products) > 0
    UNION ALL
    SELECT compared.brand, earlier_id, later_id, 'topic', 1.0,
        '같은 주제: ' || string_agg(coalesce(ref.topics.name_ko, topic), ', ' ORDER BY topic)
    FROM (SELECT brand, earlier_id, later_id, unnest(topics) AS topic FROM intermediate.int_link_candidates) AS compared
    LEFT JOIN ref.topics USING (topic)
    GROUP BY compared.brand, earlier_id, later_id
    UNION ALL
    -- Three events in the same order make three pairs of before and after.
    SELECT brand, earlier_id, later_id, 'events', least(1.0, orders / 3),
        '같은 순서: ' || array_to_string(list_transform(events, lambda event: coalesce(names.of_events[event], event)), ' → ')
    FROM compared, names WHERE orders > 0
    UNION ALL
    SELECT brand, earlier_id, later_id, 'detail', least(1.0, rare_details / 2), '같은 세부: ' || array_to_string(details, ', ')
    FROM compared WHERE rare_details > 0
    UNION ALL
    SELECT brand, earlier_id, later_id, 'tried', 1.0 / min(rivals),
        '다른 곳에 알렸다는 말: “' || arg_min(words, (rivals, words)) || '”'
            || CASE WHEN min(rivals) > 1 THEN '(후보 ' || min(rivals) || '건)' ELSE '' END
    FROM pointed GROUP BY brand, earlier_id, later_id
    UNION ALL
    SELECT brand, earlier_id, later_id, 'text', least(1.0, similarity / settings.copy_similarity),
        '글이 ' || round(100 * similarity)::INTEGER || '% 닮음'
    FROM compared, ref.settings WHERE similarity >= settings.link_similarity
)
SELECT found.*, round(found.strength * link_points.points, 4) AS points
FROM found
JOIN ref.link_points USING (kind)
