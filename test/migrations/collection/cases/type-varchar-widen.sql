-- safe: nothing is written anew, and no old query selects the column

--- schema
CREATE TABLE labels (id serial PRIMARY KEY, colour text NOT NULL, caption varchar(50) NOT NULL);
--- rows
INSERT INTO labels (colour, caption) SELECT 'red', 'L' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE labels ALTER COLUMN caption TYPE varchar(200);
--- old
SELECT id, colour FROM labels WHERE caption = 'L7' AND id < 20;
INSERT INTO labels (colour, caption) VALUES ('blue', 'sea');
UPDATE labels SET caption = 'sky' WHERE id = 4;
