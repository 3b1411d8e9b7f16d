-- unsafe: the length is part of a column's type, so prepared statements that select it fail

--- schema
CREATE TABLE labels (id serial PRIMARY KEY, colour text NOT NULL, caption varchar(50) NOT NULL);
--- rows
INSERT INTO labels (colour, caption) SELECT 'red', 'L' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE labels ALTER COLUMN caption TYPE varchar(200);
--- old
SELECT id, caption FROM labels WHERE id = 7;
INSERT INTO labels (colour, caption) VALUES ('blue', 'sea');
