-- Mentions in the newest version of each article.
-- like mentions
CREATE VIEW mentions_current AS
SELECT *
FROM mentions
SEMI JOIN articles_current USING (article_id, version_id, batch_id);
