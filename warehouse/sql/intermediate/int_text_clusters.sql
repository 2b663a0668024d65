-- grain: text_hash
-- materialized: table
-- description: Texts that are copies of each other: the same letters, or MinHash signatures that agree often enough (the brand's own texts among themselves, more strictly); short texts have no signature and are not here. | 서로 베낀 글 묶음: 글자가 같거나 MinHash 서명이 충분히 비슷한 텍스트. 짧은 글은 서명이 없어 제외됩니다.
WITH RECURSIVE texts AS (
    -- Stars and survey scores are each one customer's vote: only their exact copies are tied together.
    SELECT
        text_hash,
        any_value(exact_signature) AS exact_signature,
        any_value(minhash) AS minhash,
        bool_and(is_official) AS by_official,
        bool_and(rating IS NOT NULL OR score_value IS NOT NULL) AS is_vote
    FROM intermediate.int_mentions
    WHERE NOT is_reshare AND minhash IS NOT NULL AND text_hash <> ''
    GROUP BY text_hash
),
signed AS (
    SELECT text_hash, by_official, minhash ->> '$.hashes' AS hashes, from_json(minhash -> '$.bands', '["VARCHAR"]') AS bands
    FROM texts
    WHERE NOT is_vote
),
-- Locality-sensitive hashing: who shares a band is a candidate.
buckets AS (
    SELECT text_hash, position, band,
        first_value(text_hash) OVER bucket AS anchor,
        lag(text_hash) OVER bucket AS neighbour
    FROM (SELECT text_hash, by_official, unnest(bands) AS band, generate_subscripts(bands, 1) AS position FROM signed)
    WINDOW bucket AS (PARTITION BY by_official, position, band ORDER BY text_hash)
),
-- Two pairs a member keep a bucket of n at 2n comparisons; what one band misses another one offers.
candidates AS (
    SELECT text_hash AS here, anchor AS there FROM buckets WHERE text_hash <> anchor
    UNION
    SELECT text_hash, neighbour FROM buckets WHERE neighbour IS NOT NULL
),
edges AS (
    SELECT candidates.here, candidates.there
    FROM candidates
    JOIN signed AS a ON a.text_hash = candidates.here
    JOIN signed AS b ON b.text_hash = candidates.there
    CROSS JOIN ref.settings
    -- Each value is four hex digits; the share of equal positions estimates the Jaccard similarity (Broder 1997).
    WHERE len(list_filter(
            range(length(a.hashes) // 4), lambda i: a.hashes[i * 4 + 1 : i * 4 + 4] = b.hashes[i * 4 + 1 : i * 4 + 4]
        )) >= (length(a.hashes) // 4)
            -- All answers greet and thank alike: only what is nearly the same throughout was pasted.
            * CASE WHEN a.by_official THEN settings.boilerplate_similarity ELSE settings.copy_similarity END
    UNION
    SELECT text_hash, anchor
    FROM (SELECT text_hash, min(text_hash) OVER (PARTITION BY by_official, exact_signature) AS anchor FROM texts
          WHERE exact_signature IS NOT NULL)
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
