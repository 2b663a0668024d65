-- grain: brand
-- materialized: table
-- publish: brands
-- description: Watched brands. | 지켜보는 브랜드.
-- column brand: Brand id | 브랜드 id
-- column name: Name people read | 브랜드 이름
SELECT brand, name FROM ref.brands
