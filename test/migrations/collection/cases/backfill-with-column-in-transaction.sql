-- unsafe: the lock of ADD COLUMN is kept while each row is updated

--- schema
CREATE TABLE tracks (id serial PRIMARY KEY, title text NOT NULL, seconds integer NOT NULL);
--- rows
INSERT INTO tracks (title, seconds) SELECT 'T' || i, i % 400 FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TABLE tracks ADD COLUMN minutes real;
UPDATE tracks SET minutes = seconds / 60.0;
COMMIT;
--- old
SELECT id, title FROM tracks WHERE id = 2;
INSERT INTO tracks (title, seconds) VALUES ('Silence', 273);
