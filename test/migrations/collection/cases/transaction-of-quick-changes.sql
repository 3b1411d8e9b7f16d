-- safe: several locks, each statement takes a moment
-- holdout

--- schema
CREATE TABLE lists (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE items (id serial PRIMARY KEY, list_id integer NOT NULL, text text);
INSERT INTO lists (name) SELECT 'L' || i FROM generate_series(1, 100) AS i;
--- rows
INSERT INTO items (list_id, text) SELECT i % 100, 'x' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '2s';
ALTER TABLE lists ADD COLUMN archived boolean NOT NULL DEFAULT false;
ALTER TABLE items ADD COLUMN done_at timestamptz;
ALTER TABLE items ALTER COLUMN text SET DEFAULT '';
CREATE TABLE tags (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
COMMIT;
--- old
SELECT id, name FROM lists WHERE id = 3;
SELECT text FROM items WHERE id = 3;
INSERT INTO items (list_id, text) VALUES (4, 'Milk');
