-- safe: text to unlimited varchar keeps each byte

--- schema
CREATE TABLE snippets (id serial PRIMARY KEY, title text NOT NULL, source text);
--- rows
INSERT INTO snippets (title, source) SELECT 'S' || i, 'x' FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '2s';
ALTER TABLE snippets ALTER COLUMN source TYPE varchar;
--- old
SELECT id, title FROM snippets WHERE id = 5;
INSERT INTO snippets (title, source) VALUES ('T', 'y');
