-- What cleaning took out of each source's pages on each day of collection: how often there was a title, a date, an
--   author, which method gave the text, how long it was. One row a source, day and measure.
-- source_id: The publisher's id.
-- day: The day of collection.
-- measure: `articles`: pages that became an article, of all that were cleaned; of the articles: `title`, `date` (from
--   the page itself, since a feed goes on giving one when the page no longer does), `authors`, `method …` (the text
--   came by that method; one measure each that the source ever had), and `words` (no share: see median_word_count).
-- page_count: Pages looked at.
-- hit_count: Pages of which the measure holds; empty for `words`.
-- share: hit_count over page_count.
-- share_low: Lower end of its 95 % interval (Wilson).
-- share_high: Upper end of its 95 % interval.
-- median_word_count: For `words`: the median of the articles' lengths.
-- spread: For `words`: standard deviation of the logarithm of the lengths, by their quartiles; empty below 4 pages.
-- hit_url: A page of which the measure holds; of `words`, the one of median length.
-- hit_fetch_id: The fetch that got it.
-- miss_url: A page of which it does not.
-- miss_fetch_id: The fetch that got it.
CREATE VIEW extraction_rates AS
WITH pages AS (
    SELECT source_id, day, url, fetch_id, true AS is_article, extraction_method, word_count,
           title IS NOT NULL AS has_title, len(authors) > 0 AS has_authors,
           coalesce(published_basis IN ('json_ld', 'meta', 'microdata', 'time', 'page', 'file'), false) AS has_date
    FROM articles
    WHERE source_id IS NOT NULL
    UNION ALL BY NAME
    SELECT source_id, day, url, fetch_id, false AS is_article
    FROM rejects
    WHERE step = 'clean' AND source_id IS NOT NULL
),
methods AS (
    SELECT DISTINCT source_id, extraction_method AS method
    FROM pages
    WHERE is_article
),
looked_at AS (
    SELECT source_id, day, 'articles' AS measure, is_article AS is_hit, url, fetch_id FROM pages
    UNION ALL
    SELECT source_id, day, 'title', has_title, url, fetch_id FROM pages WHERE is_article
    UNION ALL
    SELECT source_id, day, 'date', has_date, url, fetch_id FROM pages WHERE is_article
    UNION ALL
    SELECT source_id, day, 'authors', has_authors, url, fetch_id FROM pages WHERE is_article
    UNION ALL
    SELECT p.source_id, p.day, 'method ' || m.method, p.extraction_method = m.method, p.url, p.fetch_id
    FROM pages p
    JOIN methods m USING (source_id)
    WHERE p.is_article
),
counted AS (
    SELECT source_id, day, measure, count(*) AS n, count(*) FILTER (is_hit) AS k,
           arg_min({url: url, fetch_id: fetch_id}, url) FILTER (is_hit) AS hit,
           arg_min({url: url, fetch_id: fetch_id}, url) FILTER (NOT is_hit) AS miss
    FROM looked_at
    GROUP BY source_id, day, measure
),
lengths AS (
    SELECT source_id, day, count(*) AS n, median(word_count) AS middle,
           CASE WHEN count(*) >= 4 THEN (ln(greatest(1, quantile_cont(word_count, 0.75)))
                - ln(greatest(1, quantile_cont(word_count, 0.25)))) / 1.349 END AS spread,
           list({url: url, fetch_id: fetch_id} ORDER BY word_count, url)[(count(*) + 1) // 2] AS hit
    FROM pages
    WHERE is_article
    GROUP BY source_id, day
)
-- 1.959964: 95 of 100 of a normal distribution lie within so many standard deviations.
SELECT source_id, day, measure, n AS page_count, k AS hit_count, k / n AS share,
       greatest(0.0, (k + 1.920729 - 1.959964 * sqrt(k * (n - k) / n + 0.960365)) / (n + 3.841459)) AS share_low,
       least(1.0, (k + 1.920729 + 1.959964 * sqrt(k * (n - k) / n + 0.960365)) / (n + 3.841459)) AS share_high,
       NULL::DOUBLE AS median_word_count, NULL::DOUBLE AS spread, hit.url AS hit_url, hit.fetch_id AS hit_fetch_id,
       miss.url AS miss_url, miss.fetch_id AS miss_fetch_id
FROM counted
UNION ALL
SELECT source_id, day, 'words', n, NULL, NULL, NULL, NULL, middle, spread, hit.url, hit.fetch_id, NULL, NULL
FROM lengths;
