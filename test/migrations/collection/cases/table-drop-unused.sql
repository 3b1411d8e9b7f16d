-- safe: the old release does not know it any more

--- schema
CREATE TABLE visits (id serial PRIMARY KEY, page text);
CREATE TABLE visits_backup (LIKE visits INCLUDING ALL);
--- rows
INSERT INTO visits (page) SELECT '/' FROM generate_series(1, :rows) AS i;
INSERT INTO visits_backup SELECT * FROM visits;
--- up
SET lock_timeout = '1s';
DROP TABLE visits_backup;
--- old
SELECT page FROM visits WHERE id = 5;
INSERT INTO visits (page) VALUES ('/about');
