-- unsafe: the index is built while everybody waits
-- rows: 1000000

--- schema
CREATE TABLE badges (id serial PRIMARY KEY, label text NOT NULL);
--- rows
INSERT INTO badges (label) SELECT 'B' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE badges ADD COLUMN slug text UNIQUE;
--- old
SELECT label FROM badges WHERE id = 3;
INSERT INTO badges (label) VALUES ('Gold');
