-- Where each article's newest version plays: the countries it names, by itself, by its people and by places in them, and of
--   each country the place named most. One row an article and country; rank 1 is the article's main country.
-- article_id: The article.
-- version_id: Its newest version.
-- country_code: ISO 3166-1 alpha-2.
-- mention_count: Mentions of the country, of its people, and of places in it.
-- title_count: Those of them in the title.
-- share: mention_count over that of all countries of the article.
-- rank: 1 for the country named most; a mention in the title counts as three.
-- place_name: The place within the country that is named most; empty where none is.
-- place_precision: What sort of place that is.
-- latitude: Where it is; where none is named, the middle of the country.
-- longitude: Where it is; where none is named, the middle of the country.
CREATE VIEW article_places AS
WITH named AS (
    SELECT article_id, version_id, country_code, field, entity_name, place_precision, latitude, longitude,
           place_precision IN ('region', 'district', 'city') AS is_within
    FROM mentions_current
    WHERE country_code IS NOT NULL AND (entity_type = 'location' OR place_precision = 'country')
),
places AS (
    SELECT article_id, version_id, country_code, entity_name, any_value(place_precision) AS place_precision,
           any_value(latitude) AS latitude, any_value(longitude) AS longitude,
           row_number() OVER (
               PARTITION BY article_id, version_id, country_code ORDER BY count(*) DESC, entity_name
           ) AS place_rank
    FROM named
    WHERE is_within
    GROUP BY article_id, version_id, country_code, entity_name
),
countries AS (
    SELECT article_id, version_id, country_code, count(*) AS mention_count,
           count(*) FILTER (field = 'title') AS title_count,
           avg(latitude) FILTER (place_precision = 'country') AS latitude,
           avg(longitude) FILTER (place_precision = 'country') AS longitude
    FROM named
    GROUP BY article_id, version_id, country_code
)
SELECT c.article_id, c.version_id, c.country_code, c.mention_count, c.title_count,
       c.mention_count / sum(c.mention_count) OVER (PARTITION BY c.article_id, c.version_id) AS share,
       row_number() OVER (
           PARTITION BY c.article_id, c.version_id
           ORDER BY c.mention_count + 2 * c.title_count DESC, c.country_code
       ) AS rank,
       p.entity_name AS place_name, p.place_precision,
       coalesce(p.latitude, c.latitude) AS latitude, coalesce(p.longitude, c.longitude) AS longitude
FROM countries AS c
LEFT JOIN places AS p USING (article_id, version_id, country_code)
WHERE coalesce(p.place_rank, 1) = 1;
