-- Alarms: what cleaning takes out of a source's pages is no longer what it was in the 14 days before, as when the site
--   changes its layout. One row a source, day and measure of extraction_rates that changed. A day is judged from 8
--   pages on, beside 3 days with 20 pages at least (`words`: 5 days), so that small sources are not told of chance.
-- source_id: The publisher's id.
-- day: The day of collection.
-- measure: What changed, as in extraction_rates.
-- value: Its share that day; for `words`, the median length.
-- usual_value: Its share in the 14 days before; for `words`, the median of their medians.
-- page_count: Pages of that day.
-- usual_page_count: Pages of the 14 days before.
-- usual_day_count: Days of those 14 that had pages.
-- deviation: How far the day is off, in standard errors that allow for what the days before differed among themselves.
-- is_first: Whether the measure raised no alarm in the 14 days before. A change that lasts is told until the days
--   before have become like it.
-- before_url: A page of before, as they used to be.
-- before_fetch_id: The fetch that got it.
-- after_url: A page of that day, as they are now.
-- after_fetch_id: The fetch that got it.
CREATE VIEW drift AS
-- Days of one source differ by more than chance (a Sunday has other articles). By as much as the days before do
-- (Pearson's dispersion, McCullagh and Nelder 1989), fewer pages are counted than there are.
WITH history AS (
    SELECT *, coalesce(share, ln(greatest(1, median_word_count))) AS level,
           count(*) OVER before AS days, sum(page_count) OVER before AS n0, sum(hit_count) OVER before AS k0,
           sum(hit_count * hit_count / page_count) OVER before AS squares,
           median(ln(greatest(1, median_word_count))) OVER before AS usual_log,
           stddev_samp(ln(greatest(1, median_word_count))) OVER before AS between_days,
           avg(spread) OVER before AS within_days,
           arg_max({url: hit_url, fetch_id: hit_fetch_id}, day) FILTER (hit_url IS NOT NULL) OVER before AS hit_before,
           arg_max({url: miss_url, fetch_id: miss_fetch_id}, day) FILTER (miss_url IS NOT NULL) OVER before AS miss_before
    FROM extraction_rates
    WINDOW before AS (PARTITION BY source_id, measure ORDER BY day RANGE BETWEEN INTERVAL 14 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING)
),
shares AS (
    SELECT *, k0 / n0 AS usual,
           CASE WHEN k0 BETWEEN 1 AND n0 - 1
                THEN greatest(1.0, (squares - k0 * k0 / n0) / ((k0 / n0) * (1 - k0 / n0)) / (days - 1))
                ELSE 1.0 END AS dispersion
    FROM history
    WHERE measure <> 'words' AND page_count >= 8 AND n0 >= 20 AND days >= 3
),
-- Two Wilson intervals of 3 standard errors each that do not meet: sound for small numbers and for shares near 0 and 1,
-- where the usual test of two proportions is not.
bounded AS (
    SELECT *, page_count / dispersion AS m, n0 / dispersion AS m0,
           (share * m + 4.5 - 3 * sqrt(share * (1 - share) * m + 2.25)) / (m + 9) AS low,
           (share * m + 4.5 + 3 * sqrt(share * (1 - share) * m + 2.25)) / (m + 9) AS high,
           (usual * m0 + 4.5 - 3 * sqrt(usual * (1 - usual) * m0 + 2.25)) / (m0 + 9) AS usual_low,
           (usual * m0 + 4.5 + 3 * sqrt(usual * (1 - usual) * m0 + 2.25)) / (m0 + 9) AS usual_high
    FROM shares
),
lengths AS (
    SELECT *, sqrt(pow(greatest(between_days, 0.05), 2) + pow(1.2533 * coalesce(within_days, 0.7), 2) / page_count) AS error
    FROM history
    WHERE measure = 'words' AND page_count >= 8 AND n0 >= 20 AND days >= 5
),
alarms AS (
    SELECT source_id, day, measure, share AS value, usual AS usual_value, page_count, n0, days,
           (share - usual) / sqrt(((share * m + usual * m0 + 1) / (m + m0 + 2)) * (1 - (share * m + usual * m0 + 1) / (m + m0 + 2))
                                  * (1 / m + 1 / m0)) AS deviation,
           CASE WHEN share < usual THEN hit_before ELSE miss_before END AS before_page,
           CASE WHEN share < usual THEN {url: miss_url, fetch_id: miss_fetch_id}
                ELSE {url: hit_url, fetch_id: hit_fetch_id} END AS after_page
    FROM bounded
    WHERE (high < usual_low OR low > usual_high) AND abs(share - usual) >= 0.2
    UNION ALL
    SELECT source_id, day, measure, median_word_count, exp(usual_log), page_count, n0, days, (level - usual_log) / error,
           hit_before, {url: hit_url, fetch_id: hit_fetch_id}
    FROM lengths
    -- Half or twice as long, and more than can be chance.
    WHERE abs(level - usual_log) >= ln(2) AND abs(level - usual_log) >= 4 * error
)
SELECT source_id, day, measure, value, usual_value, page_count, n0::BIGINT AS usual_page_count, days AS usual_day_count,
       deviation,
       count(*) OVER (PARTITION BY source_id, measure ORDER BY day RANGE BETWEEN INTERVAL 14 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING) = 0 AS is_first,
       before_page.url AS before_url, before_page.fetch_id AS before_fetch_id, after_page.url AS after_url,
       after_page.fetch_id AS after_fetch_id
FROM alarms;
