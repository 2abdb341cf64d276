-- The newest version of each article: the last one fetched.
-- like articles
CREATE VIEW articles_current AS
SELECT *
FROM articles
QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY fetched_at DESC, batch_id DESC, version_id) = 1;
