-- unsafe: one table stays locked while the other one's index is built

--- schema
CREATE TABLE lists (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE items (id serial PRIMARY KEY, list_id integer NOT NULL, text text);
INSERT INTO lists (name) SELECT 'L' || i FROM generate_series(1, 100) AS i;
--- rows
INSERT INTO items (list_id, text) SELECT (i * 919) % 100, 'x' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TABLE lists ADD COLUMN archived boolean NOT NULL DEFAULT false;
CREATE INDEX items_list ON items (list_id);
COMMIT;
--- old
SELECT id, name FROM lists WHERE id = 3;
UPDATE lists SET name = 'Shopping' WHERE id = 3;
