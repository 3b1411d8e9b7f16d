-- safe: a new type, and a column with a constant default of it
-- holdout

--- schema
CREATE TABLE bugs (id serial PRIMARY KEY, title text NOT NULL);
--- rows
INSERT INTO bugs (title) SELECT 'Bug ' || i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
CREATE TYPE severity AS ENUM ('low', 'high');
ALTER TABLE bugs ADD COLUMN severity severity NOT NULL DEFAULT 'low';
COMMIT;
--- old
SELECT id, title FROM bugs WHERE id = 3;
INSERT INTO bugs (title) VALUES ('It hangs');
DELETE FROM bugs WHERE id = 8;
