-- unsafe: the old release finds it no more
-- holdout

--- schema
CREATE TABLE exports (id serial PRIMARY KEY, path text NOT NULL);
--- rows
INSERT INTO exports (path) SELECT '/x' FROM generate_series(1, :rows) AS i;
--- up
CREATE SCHEMA IF NOT EXISTS archive;
ALTER TABLE exports SET SCHEMA archive;
--- old
SELECT path FROM exports WHERE id = 5;
INSERT INTO exports (path) VALUES ('/y');
