-- One row per URL ever seen, with its one state and what decided it. A state that is empty means a rule is missing.
-- url: The URL; as it stood in the feed or file where it could not be requested.
-- source_id: The source of its first discovery.
-- day: The day of collection of its first discovery.
-- state: stored, duplicate, paywalled, not_article, blocked, gone, not_modified, failed or pending: the first that holds.
-- reason: The outcome of the fetch or the reason of the reject that decided; `published` for stored, `not_attempted`.
-- article_id: The article it gave, where it is stored or a duplicate.
-- attempt_count: How often it was fetched.
-- first_seen_at: When it was first discovered (UTC).
-- last_fetched_at: When it was last fetched (UTC).
-- is_removed: A stored URL that answered 404 or 410 the last time.
CREATE VIEW ledger AS
WITH precedence (state, rank) AS (
    VALUES ('stored', 1), ('duplicate', 2), ('paywalled', 3), ('not_article', 4), ('blocked', 5), ('gone', 6),
           ('not_modified', 7), ('failed', 8), ('pending', 9)
),
-- Every URL: discovered, fetched, or set aside before it came to be a link.
seen AS (
    SELECT url, source_id, day, discovered_at AS moment FROM links
    UNION ALL
    SELECT url, source_id, day, fetched_at FROM fetches WHERE kind = 'article'
    UNION ALL
    SELECT url, source_id, day, rejected_at FROM rejects
    WHERE (reason = 'invalid_url' AND url <> '')
       -- A row or record that cannot be read; where it has no URL, its reject is filed under the file's name.
       OR (reason = 'malformed_record' AND url LIKE '%://%')
       -- A row of fetches that was set aside is told by its evidence to be that of a feed, or of a page.
       OR (step = 'validate' AND table_name = 'links' AND url <> '')
       OR (step = 'validate' AND table_name = 'fetches' AND url <> ''
           AND regexp_extract(coalesce(evidence, ''), '"kind": "(\w+)"', 1) IN ('', 'article'))
),
-- The first discovery that names a source, else the first.
urls AS (
    SELECT url, arg_min({source_id: source_id, day: day, moment: moment},
                        {is_unnamed: source_id IS NULL, moment: moment, source_id: coalesce(source_id, ''), day: day}) AS first
    FROM seen
    GROUP BY url
),
attempts AS (
    SELECT url, count(*) AS attempt_count, max(fetched_at) AS last_fetched_at,
           arg_max(outcome, {moment: fetched_at, attempt: attempt, fetch_id: fetch_id}) AS outcome
    FROM fetches
    WHERE kind = 'article'
    GROUP BY url
),
-- An article belongs to one of the URLs that gave it: its canonical one, else the first, else the smallest.
owners AS (
    SELECT url, article_id, last_at,
           row_number() OVER (PARTITION BY article_id ORDER BY is_canonical DESC, first_at, url) = 1 AS owns
    FROM (
        SELECT url, article_id, bool_or(url = canonical_url) AS is_canonical, min(fetched_at) AS first_at,
               max(fetched_at) AS last_at
        FROM articles
        GROUP BY url, article_id
    )
),
-- What was said of the page itself; rejects of mentions and events say nothing about the URL.
verdicts AS MATERIALIZED (
    SELECT r.url, r.rejected_at, r.reason, o.article_id,
           -- Where the URL that was kept gave no valid article either, its duplicate failed like it.
           CASE WHEN r.reason = 'duplicate' AND o.article_id IS NULL THEN 'failed' ELSE s.state END AS state
    FROM rejects r
    LEFT JOIN (SELECT value, state FROM url_states WHERE said_by = 'reject') s ON s.value = r.reason
    LEFT JOIN (SELECT DISTINCT article_id FROM articles) o
        ON o.article_id = CASE WHEN r.reason = 'duplicate' THEN r.article_id END
    WHERE r.step NOT IN ('extract', 'group')
      AND (r.step <> 'validate' OR coalesce(r.table_name, '') IN ('links', 'fetches', 'articles'))
      AND s.state IS DISTINCT FROM 'none'
),
newest_verdict AS (
    SELECT v.*
    FROM verdicts v
    LEFT JOIN precedence p USING (state)
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY rejected_at DESC, coalesce(rank, 0), reason) = 1
),
-- Whatever holds of a URL: that it gave an article, the newest verdict, the newest attempt, or that there was none.
claims AS (
    SELECT url, 'stored' AS state, 'published' AS reason, article_id, last_at AS moment FROM owners WHERE owns
    UNION ALL
    SELECT url, 'duplicate', 'duplicate', article_id, last_at FROM owners WHERE NOT owns
    UNION ALL
    -- Whether the other URL came in the same batch (a reject) or in another (an article) makes no difference.
    SELECT url, 'duplicate', 'duplicate', article_id, rejected_at FROM verdicts WHERE state = 'duplicate'
    UNION ALL
    SELECT url, state, reason, article_id, rejected_at FROM newest_verdict
    UNION ALL
    SELECT a.url, s.state, a.outcome, NULL, a.last_fetched_at
    FROM attempts a
    LEFT JOIN (SELECT value, state FROM url_states WHERE said_by = 'fetch') s ON s.value = a.outcome
    UNION ALL
    SELECT u.url, 'pending', 'not_attempted', NULL, NULL FROM urls u ANTI JOIN attempts USING (url)
),
-- A claim without a rule outranks every other except an article's: it must be seen.
decided AS (
    SELECT c.*
    FROM claims c
    LEFT JOIN precedence p USING (state)
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY coalesce(rank, 2.5), moment DESC NULLS LAST, reason, article_id) = 1
)
SELECT u.url, u.first.source_id AS source_id, u.first.day AS day, d.state, d.reason, d.article_id,
       coalesce(a.attempt_count, 0) AS attempt_count, u.first.moment AS first_seen_at, a.last_fetched_at,
       d.state = 'stored' AND coalesce(a.outcome IN ('not_found', 'removed'), false) AS is_removed
FROM urls u
LEFT JOIN decided d USING (url)
LEFT JOIN attempts a USING (url);
