-- safe: the schema is left to another table that the old release does not use
-- holdout

--- schema
CREATE TABLE exports (id serial PRIMARY KEY, path text NOT NULL);
CREATE TABLE exports_2019 (LIKE exports INCLUDING DEFAULTS);
--- rows
INSERT INTO exports (path) SELECT '/x' FROM generate_series(1, :rows) AS i;
INSERT INTO exports_2019 SELECT * FROM exports;
--- up
CREATE SCHEMA IF NOT EXISTS archive;
SET lock_timeout = '500ms';
ALTER TABLE exports_2019 SET SCHEMA archive;
--- old
SELECT path FROM exports WHERE id = 5;
INSERT INTO exports (path) VALUES ('/y');
