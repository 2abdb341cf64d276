-- Events told as having happened or being about to: current ones that are not negated, hypothetical or historical.
-- like events
CREATE VIEW events_actual AS
SELECT *
FROM events_current
WHERE NOT is_negated AND NOT is_hypothetical AND NOT is_historical;
