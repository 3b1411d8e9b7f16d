-- unsafe: the old release still reads it

--- schema
CREATE TABLE settings (name text PRIMARY KEY, value text);
CREATE TABLE visits (id serial PRIMARY KEY, page text);
INSERT INTO settings VALUES ('title', 'Home');
--- rows
INSERT INTO visits (page) SELECT '/' FROM generate_series(1, :rows) AS i;
--- up
DROP TABLE IF EXISTS settings;
--- old
SELECT value FROM settings WHERE name = 'title';
INSERT INTO visits (page) VALUES ('/about');
