-- What each source gave on each day of collection, beside what was to be expected: silent sources, rolled-over and
--   failing feeds. A registered source has its row on every day that collected, whether it gave anything or not.
-- source_id: The publisher's id.
-- day: The day of collection.
-- signal: `silent`: nothing, where at least one was expected or the source usually has some; `low`, `high`: outside
--   the expected band; `ok`; `unknown`: nothing to judge by, the source was not collected that day, or more than
--   expected on its first day, when its sitemaps list the days before, too.
-- link_count: Different URLs its feeds, sitemaps and files listed that day, known before or not.
-- url_count: URLs first seen that day.
-- article_count: Those of them that became an article.
-- pending_count: Those of them that wait to be fetched or derived. The signal counts them as articles: they may
--   become some.
-- expected_low: Articles expected at least: as registered (volume_low), else a third of usual_count.
-- expected_high: Articles expected at most: as registered (volume_high), else three times usual_count.
-- expected_basis: `register` or `history`; empty where nothing is known to expect.
-- usual_count: Median of articles and pending URLs over the 14 days before; empty where fewer than 5 of them were
--   collected.
-- day_share: The part of the day that collection has covered: 1, but on the newest day the hour of its newest batch
--   over 24. `silent` and `low` expect that part only.
-- listing_count: Feeds and sitemaps polled that day.
-- failing_listing_count: Those of them that gave nothing at any poll of the day: an error, or a refusal by
--   robots.txt.
-- missed_listing_count: Those that had been read before, and at some poll listed nothing that was known: their window
--   rolled over between two polls, so entries may have been missed.
-- poll_count: Polls of feeds and sitemaps; retries within a batch are one poll.
-- failed_poll_count: Polls whose last attempt failed.
CREATE VIEW coverage AS
-- An ingest names the sources of its documents and polls none of them.
WITH registered AS (
    SELECT source_id, day, arg_max({low: volume_low, high: volume_high}, batch_id) AS band
    FROM sources
    WHERE batch_id NOT LIKE 'ingest-%'
    GROUP BY source_id, day
),
-- A batch is named by its hour or its second: its hour stands at the same place in both.
newest AS (
    SELECT day, max(try_cast(substr(batch_id, 12, 2) AS INTEGER)) / 24.0 AS day_share
    FROM sources
    WHERE batch_id NOT LIKE 'ingest-%'
    GROUP BY day
    ORDER BY day DESC
    LIMIT 1
),
listings AS (
    SELECT *, min(fetched_at) FILTER (outcome = 'fetched') OVER (PARTITION BY url) AS first_read_at
    FROM (
        SELECT source_id, day, batch_id, url, outcome, attempt, fetched_at, fetch_id, entry_count, known_entry_count
        FROM fetches
        WHERE kind IN ('feed', 'sitemap', 'homepage')
    )
),
polls AS (
    SELECT source_id, day, batch_id, url,
           arg_max(outcome IN ('fetched', 'not_modified', 'unchanged'), {attempt: attempt, moment: fetched_at, fetch_id: fetch_id}) AS has_answered,
           bool_or(coalesce(entry_count > 0 AND known_entry_count = 0 AND fetched_at > first_read_at, false)) AS has_rolled_over
    FROM listings
    GROUP BY source_id, day, batch_id, url
),
polled AS (
    SELECT source_id, day, count(DISTINCT url) AS listing_count,
           count(DISTINCT url) - count(DISTINCT url) FILTER (has_answered) AS failing_listing_count,
           count(DISTINCT url) FILTER (has_rolled_over) AS missed_listing_count,
           count(*) AS poll_count, count(*) FILTER (NOT has_answered) AS failed_poll_count
    FROM polls
    GROUP BY source_id, day
),
listed AS (
    SELECT source_id, day, count(DISTINCT url) AS link_count
    FROM links
    GROUP BY source_id, day
),
counted AS (
    SELECT source_id, day, count(*) AS url_count, count(*) FILTER (state = 'stored') AS article_count,
           count(*) FILTER (state = 'pending') AS pending_count
    FROM ledger
    WHERE source_id IS NOT NULL
    GROUP BY source_id, day
),
rows AS (
    SELECT source_id, day FROM registered
    UNION
    SELECT source_id, day FROM polled
    UNION
    SELECT source_id, day FROM listed
    UNION
    SELECT source_id, day FROM counted
),
found AS (
    SELECT source_id, day, r.band IS NOT NULL AS is_collected, r.band.low AS low, r.band.high AS high,
           coalesce(link_count, 0) AS link_count, coalesce(url_count, 0) AS url_count,
           coalesce(article_count, 0) AS article_count, coalesce(pending_count, 0) AS pending_count,
           coalesce(article_count, 0) + coalesce(pending_count, 0) AS likely_count,
           coalesce(n.day_share, 1.0) AS day_share,
           coalesce(listing_count, 0) AS listing_count, coalesce(failing_listing_count, 0) AS failing_listing_count,
           coalesce(missed_listing_count, 0) AS missed_listing_count, coalesce(poll_count, 0) AS poll_count,
           coalesce(failed_poll_count, 0) AS failed_poll_count
    FROM rows
    LEFT JOIN registered r USING (source_id, day)
    LEFT JOIN newest n USING (day)
    LEFT JOIN polled USING (source_id, day)
    LEFT JOIN listed USING (source_id, day)
    LEFT JOIN counted USING (source_id, day)
),
usual AS (
    SELECT *, day = min(day) FILTER (is_collected) OVER (PARTITION BY source_id) AS is_first,
           CASE WHEN count(*) FILTER (is_collected) OVER before >= 5
                   THEN median(likely_count) FILTER (is_collected) OVER before END AS usual_count
    FROM found
    WINDOW before AS (PARTITION BY source_id ORDER BY day RANGE BETWEEN INTERVAL 14 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING)
),
expected AS (
    SELECT *,
           CASE WHEN low IS NULL AND high IS NULL THEN floor(usual_count / 3)::BIGINT ELSE low END AS expected_low,
           CASE WHEN low IS NULL AND high IS NULL THEN ceil(usual_count * 3)::BIGINT ELSE high END AS expected_high,
           CASE WHEN low IS NOT NULL OR high IS NOT NULL THEN 'register'
                WHEN usual_count IS NOT NULL THEN 'history' END AS expected_basis
    FROM usual
)
SELECT source_id, day,
       CASE WHEN NOT is_collected OR expected_basis IS NULL THEN 'unknown'
            WHEN likely_count = 0 AND floor(greatest(expected_low, usual_count) * day_share) >= 1 THEN 'silent'
            WHEN likely_count < floor(expected_low * day_share) THEN 'low'
            WHEN likely_count > expected_high AND is_first THEN 'unknown'
            WHEN likely_count > expected_high THEN 'high'
            ELSE 'ok' END AS signal,
       link_count, url_count, article_count, pending_count, expected_low, expected_high, expected_basis, usual_count,
       day_share, listing_count, failing_listing_count, missed_listing_count, poll_count, failed_poll_count
FROM expected;
