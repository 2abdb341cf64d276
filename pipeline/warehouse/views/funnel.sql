-- Where the URLs of each day and source ended: the ledger, counted. The states add up to url_count.
-- day: The day of collection of the URLs' first discovery.
-- source_id: The source of their first discovery.
-- url_count: URLs.
-- stored_count: URLs that became an article.
-- duplicate_count: URLs that gave an article another URL had given.
-- paywalled_count: URLs behind a paywall.
-- not_article_count: URLs that are no article.
-- blocked_count: URLs that robots.txt, the server or a bot wall kept from us.
-- gone_count: URLs that are gone.
-- not_modified_count: URLs that had not changed, with nothing stored.
-- failed_count: URLs whose retries were exhausted, or that are invalid.
-- pending_count: URLs that were not attempted, or whose page is not derived yet.
CREATE VIEW funnel AS
SELECT day, source_id, count(*) AS url_count,
       count(*) FILTER (state = 'stored') AS stored_count,
       count(*) FILTER (state = 'duplicate') AS duplicate_count,
       count(*) FILTER (state = 'paywalled') AS paywalled_count,
       count(*) FILTER (state = 'not_article') AS not_article_count,
       count(*) FILTER (state = 'blocked') AS blocked_count,
       count(*) FILTER (state = 'gone') AS gone_count,
       count(*) FILTER (state = 'not_modified') AS not_modified_count,
       count(*) FILTER (state = 'failed') AS failed_count,
       count(*) FILTER (state = 'pending') AS pending_count
FROM ledger
GROUP BY day, source_id;
