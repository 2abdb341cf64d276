-- Events in the newest version of each article.
-- like events
CREATE VIEW events_current AS
SELECT *
FROM events
SEMI JOIN articles_current USING (article_id, version_id, batch_id);
