-- unsafe: the old release knows the old name

--- schema
CREATE TABLE guests (id serial PRIMARY KEY, surname text NOT NULL);
--- rows
INSERT INTO guests (surname) SELECT 'G' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE guests RENAME COLUMN surname TO last_name;
--- old
SELECT surname FROM guests WHERE id = 5;
INSERT INTO guests (surname) VALUES ('Maier');
