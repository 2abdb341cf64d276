-- The rule of the ledger: the state that each outcome of a fetch and each reason of a reject puts a URL into.
-- said_by: `fetch`: a value of fetches.outcome; `reject`: a value of rejects.reason.
-- value: The outcome or reason.
-- state: The URL's state; `none` where it says nothing about the URL.
CREATE VIEW url_states AS
SELECT *
FROM (VALUES
    ('fetch', 'fetched', 'pending'),              -- a page that is not derived yet
    ('fetch', 'not_modified', 'not_modified'),
    ('fetch', 'unasked_not_modified', 'not_modified'),
    ('fetch', 'unchanged', 'not_modified'),
    ('fetch', 'robots_disallowed', 'blocked'),
    ('fetch', 'forbidden', 'blocked'),
    ('fetch', 'not_found', 'gone'),
    ('fetch', 'removed', 'gone'),
    ('fetch', 'client_error', 'failed'),
    ('fetch', 'rate_limited', 'failed'),
    ('fetch', 'server_error', 'failed'),
    ('fetch', 'timeout', 'failed'),
    ('fetch', 'connection_failed', 'failed'),
    ('fetch', 'tls_failed', 'failed'),
    ('fetch', 'too_many_redirects', 'failed'),
    ('fetch', 'too_large', 'failed'),
    ('fetch', 'unsupported_type', 'not_article'), -- as clean says of such a document from an archive
    ('fetch', 'address_refused', 'failed'),
    ('fetch', 'invalid', 'failed'),
    ('reject', 'invalid_url', 'failed'),
    ('reject', 'malformed_feed', 'none'),         -- about the feed
    ('reject', 'outside_window', 'none'),         -- about the sitemap
    ('reject', 'malformed_record', 'failed'),
    ('reject', 'no_text', 'not_article'),
    ('reject', 'too_short', 'not_article'),
    ('reject', 'section_front', 'not_article'),
    ('reject', 'home_page', 'not_article'),
    ('reject', 'search_page', 'not_article'),
    ('reject', 'gallery', 'not_article'),
    ('reject', 'error_page', 'not_article'),
    ('reject', 'removed_page', 'gone'),           -- as 410 would say; stored before, it stays stored
    ('reject', 'bot_wall', 'blocked'),
    ('reject', 'consent_wall', 'blocked'),        -- an article may stand behind it, as behind a bot wall
    ('reject', 'region_wall', 'blocked'),         -- as 451
    ('reject', 'login_wall', 'blocked'),          -- as 401: nothing says that an article is behind it, nor that it is sold
    ('reject', 'paywalled', 'paywalled'),
    ('reject', 'duplicate', 'duplicate'),
    ('reject', 'unsupported_type', 'not_article'),
    ('reject', 'unreadable', 'not_article'),
    ('reject', 'expectation_failed', 'failed'),
    ('reject', 'parent_rejected', 'none')         -- about a mention or an event
) AS rule (said_by, value, state);
