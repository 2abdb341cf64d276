-- Worked questions: each begins with `-- name:`, says what it answers, and runs as it stands.

-- name: funnel_by_source
-- Where the URLs of each source ended; the states add up.
SELECT source_id, sum(url_count) AS urls, sum(stored_count) AS stored, sum(duplicate_count) AS duplicate,
       sum(paywalled_count) AS paywalled, sum(not_article_count) AS not_article, sum(blocked_count) AS blocked,
       sum(gone_count) AS gone, sum(not_modified_count) AS not_modified, sum(failed_count) AS failed,
       sum(pending_count) AS pending
FROM funnel
GROUP BY source_id
ORDER BY urls DESC, source_id;

-- name: newest_stories
-- The newest stories, with how many sources carry them and how many articles remain after copies are counted once.
SELECT title, source_count, article_count, family_count, first_seen_at, last_seen_at
FROM story_titles
ORDER BY last_seen_at DESC, source_count DESC
LIMIT 20;

-- name: events_with_quotes
-- What happened, each event with the sentence that says so and the page that says it.
SELECT e.event_date, e.event_type, e.actor_text, e.recipient_text, e.place_name, e.quote, a.title, a.url
FROM events_actual e
JOIN articles_current a USING (article_id, version_id, batch_id)
ORDER BY e.event_date DESC NULLS LAST, e.confidence DESC
LIMIT 50;

-- name: who_does_what_to_whom
-- Countries acting on countries, by kind of act. Occurrences, so that what ten papers report counts once.
SELECT actor_country, recipient_country, event_type, count(*) AS occurrences, sum(article_count) AS reports
FROM occurrences
WHERE actor_country IS NOT NULL AND recipient_country IS NOT NULL
GROUP BY ALL
ORDER BY occurrences DESC, reports DESC, actor_country, recipient_country, event_type;

-- name: most_copied
-- Which originals were carried the most, and by whom.
SELECT o.source_id AS original_source, o.title, count(*) AS copies, list(DISTINCT c.source_id ORDER BY c.source_id) AS carried_by,
       round(avg(f.similarity), 2) AS mean_similarity
FROM families f
JOIN articles_current c USING (article_id)
JOIN articles_current o ON o.article_id = f.family_id
WHERE f.role = 'copy'
GROUP BY o.article_id, o.source_id, o.title
ORDER BY copies DESC, o.title
LIMIT 20;

-- name: corrections
-- Articles that changed after they were published: the title before and after, and how the text grew or shrank.
WITH versions AS (
    SELECT *, lag(title) OVER w AS old_title, lag(word_count) OVER w AS old_word_count,
           lag(version_id) OVER w AS old_version_id
    FROM articles
    WINDOW w AS (PARTITION BY article_id ORDER BY fetched_at, batch_id, version_id)
)
SELECT url, fetched_at AS changed_at, old_title, title, word_count - old_word_count AS words_more,
       title IS DISTINCT FROM old_title AS is_title_changed
FROM versions
WHERE old_version_id <> version_id
ORDER BY changed_at DESC;

-- name: entity_timeline
-- Articles a day that mention somebody or something. Change the name.
SELECT coalesce(a.published_at, a.fetched_at)::DATE AS date, count(DISTINCT article_id) AS articles,
       count(DISTINCT a.source_id) AS sources, count(*) AS mentions
FROM mentions_current m
JOIN articles_current a USING (article_id, version_id, batch_id)
WHERE m.entity_name ILIKE 'lisbon'
GROUP BY date
ORDER BY date;

-- name: events_near
-- Events within 300 km of a point (here 38.72 N, 9.14 W), nearest first.
SELECT * FROM (
    SELECT event_date, event_type, actor_text, recipient_text, place_name, quote,
           round(2 * 6371 * asin(sqrt(pow(sin(radians(latitude - 38.72) / 2), 2)
               + cos(radians(38.72)) * cos(radians(latitude)) * pow(sin(radians(longitude + 9.14) / 2), 2)))) AS km
    FROM events_actual
    WHERE latitude IS NOT NULL
)
WHERE km <= 300
ORDER BY km, event_date DESC;

-- name: evidence
-- The chain behind each event: the words, the sentence, the article, and the archived bytes they were read from.
SELECT e.event_id, e.event_type, e.trigger_text,
       CASE e.field WHEN 'text' THEN substr(a.text, e.trigger_start + 1, e.trigger_end - e.trigger_start)
                    WHEN 'title' THEN substr(a.title, e.trigger_start + 1, e.trigger_end - e.trigger_start)
       END AS stands_there,
       e.quote, a.title, a.url, f.fetched_at, f.content_hash, f.warc_file, f.warc_offset
FROM events_current e
JOIN articles_current a USING (article_id, version_id, batch_id)
JOIN fetches f USING (fetch_id, batch_id)
ORDER BY f.warc_file, f.warc_offset, e.trigger_start;

-- name: occurrences_and_reports
-- How often something is told for each time it happened, by kind of event.
SELECT event_type, count(*) AS occurrences, sum(event_count) AS reports,
       round(sum(event_count) / count(*), 2) AS reports_each, sum(independent_source_count) AS independent_reports
FROM occurrences
GROUP BY event_type
ORDER BY occurrences DESC, event_type;

-- name: rejects_by_reason
-- What did not go on, and why, with one example of each.
SELECT step, reason, count(*) AS rejects, min(url) AS example
FROM rejects
GROUP BY step, reason
ORDER BY rejects DESC, step, reason;

-- name: coverage_alarms
-- Sources outside what was to be expected of them on the newest day collected: the silent first, then low and high.
SELECT day, source_id, signal, article_count, pending_count, expected_low, expected_high, expected_basis, usual_count,
       failing_listing_count, missed_listing_count
FROM coverage
WHERE signal IN ('silent', 'low', 'high')
QUALIFY day = max(day) OVER ()
ORDER BY CASE signal WHEN 'silent' THEN 1 WHEN 'low' THEN 2 ELSE 3 END, usual_count DESC NULLS LAST, source_id;

-- name: layout_changes
-- Sources whose pages no longer give what they gave, with a page of before and one of after (`newsledger page URL`).
SELECT day, source_id, measure, round(usual_value, 2) AS usual, round(value, 2) AS now, page_count, before_url, after_url
FROM drift
WHERE is_first
ORDER BY day DESC, abs(deviation) DESC, source_id, measure
LIMIT 50;

-- name: failing_feeds
-- Feeds and sitemaps whose last poll failed, and since when.
SELECT source_id, url, arg_max(outcome, fetched_at) AS outcome, arg_max(detail, fetched_at) AS detail,
       max(fetched_at) AS last_polled_at,
       max(fetched_at) FILTER (outcome IN ('fetched', 'not_modified', 'unchanged')) AS last_answered_at
FROM fetches
WHERE kind IN ('feed', 'sitemap', 'homepage')
GROUP BY source_id, url
HAVING max(fetched_at) > coalesce(last_answered_at, TIMESTAMPTZ '1970-01-01 00:00:00+00')
ORDER BY last_answered_at NULLS FIRST, source_id, url;

-- name: rolled_over_feeds
-- Feeds whose window rolled over between two polls, so that entries may have been missed: they want polling oftener.
WITH polls AS (
    SELECT *, lag(fetched_at) OVER (PARTITION BY url ORDER BY fetched_at) AS polled_before_at
    FROM fetches
    WHERE kind IN ('feed', 'sitemap') AND outcome = 'fetched'
)
SELECT source_id, url, fetched_at, entry_count, round(epoch(fetched_at - polled_before_at) / 3600, 1) AS hours_between
FROM polls
WHERE entry_count > 0 AND known_entry_count = 0 AND polled_before_at IS NOT NULL
ORDER BY fetched_at DESC, source_id, url;

-- name: completeness_by_source
-- How much of what each source published in its newest seven days was found, as feeds and sitemaps together tell.
SELECT source_id, date AS until, feed_count, sitemap_count, both_count, found_count, round(estimated_count) AS estimated,
       round(estimated_low) || '–' || round(estimated_high) AS interval, round(100 * found_share, 1) AS percent_found
FROM completeness
WHERE window_days = 7
QUALIFY row_number() OVER (PARTITION BY source_id ORDER BY date DESC) = 1
ORDER BY found_share NULLS LAST, source_id;
