-- grain: mention_id, brand
-- materialized: table
-- description: Which brand a mention is about, and whether it can be a complaint about it at all. | 언급이 어느 브랜드에 관한 것인지, 그 브랜드에 대한 불만이 될 수 있는지.
SELECT
    mention_brands.mention_id,
    mention_brands.brand,
    list_contains(mentions.homonym_of, mention_brands.brand) AS is_homonym,
    -- Advertising, the brand's own words, reshares, copied posts and mere homonyms never count (design, section 5).
    NOT mentions.is_official AND NOT mentions.is_advertising AND NOT mentions.is_reshare
        AND originals.mention_id IS NULL
        AND NOT list_contains(mentions.homonym_of, mention_brands.brand) AS counts
FROM raw.mention_brands
JOIN intermediate.int_mentions AS mentions USING (mention_id)
JOIN intermediate.int_clusters AS clusters USING (mention_id)
LEFT JOIN raw.mention_brands AS originals
    ON originals.mention_id = clusters.duplicate_of AND originals.brand = mention_brands.brand
