-- unsafe: the view computes what the old release writes
-- holdout

--- schema
CREATE TABLE persons (id serial PRIMARY KEY, name text NOT NULL);
--- rows
INSERT INTO persons (name) SELECT 'First Last' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TABLE persons RENAME TO people;
ALTER TABLE people ADD COLUMN nick text;
CREATE VIEW persons AS SELECT id, coalesce(nick, name) AS name FROM people;
COMMIT;
--- old
SELECT id, name FROM persons WHERE id = 5;
INSERT INTO persons (name) VALUES ('Ada Lovelace');
