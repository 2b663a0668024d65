-- grain: text_hash
-- materialized: table
-- description: Texts that are copies of each other: the same letters, or a shared band of the MinHash signature; short texts have no signature and stand alone. | 서로 베낀 글 묶음: 글자가 같거나 MinHash 밴드를 공유하는 텍스트.
WITH RECURSIVE texts AS (
    -- Stars and survey scores are each one customer's vote: only their exact copies are tied together.
    SELECT text_hash, any_value(minhash) AS minhash, any_value(exact_signature) AS exact_signature,
        bool_and(rating IS NOT NULL OR score_value IS NOT NULL) AS is_vote
    FROM intermediate.int_mentions
    WHERE NOT is_official AND NOT is_reshare AND minhash IS NOT NULL AND text_hash <> ''
    GROUP BY text_hash
),
buckets AS (
    SELECT text_hash, 'exact:' || exact_signature AS bucket FROM texts WHERE exact_signature IS NOT NULL
    UNION ALL
    SELECT text_hash, position || ':' || band
    FROM (
        SELECT text_hash, unnest(bands) AS band, generate_subscripts(bands, 1) AS position
        FROM (
            SELECT text_hash,
                CASE WHEN minhash LIKE '{%' THEN from_json(json_extract(minhash, '$.bands'), '["VARCHAR"]')
                    ELSE string_split(minhash, ',') END AS bands
            FROM texts WHERE NOT is_vote
        )
    )
),
-- Each text points at the first one of its bucket: as many edges as members, never all pairs.
edges AS (
    SELECT DISTINCT text_hash AS here, anchor AS there
    FROM (SELECT text_hash, min(text_hash) OVER (PARTITION BY bucket) AS anchor FROM buckets)
    WHERE text_hash <> anchor
),
both_ways AS (
    SELECT here, there FROM edges UNION ALL SELECT there, here FROM edges
),
-- The smallest hash spreads along the edges until nothing changes.
spread(text_hash, cluster) USING KEY (text_hash) AS (
    SELECT here, here FROM both_ways GROUP BY here
    UNION
    SELECT both_ways.there, min(spread.cluster)
    FROM spread
    JOIN both_ways ON both_ways.here = spread.text_hash
    JOIN recurring.spread AS known ON known.text_hash = both_ways.there AND spread.cluster < known.cluster
    GROUP BY both_ways.there
)
SELECT texts.text_hash, coalesce(spread.cluster, texts.text_hash) AS text_cluster
FROM texts
LEFT JOIN spread USING (text_hash)
