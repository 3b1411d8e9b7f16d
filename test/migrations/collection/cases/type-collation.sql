-- unsafe: an index in the new order has to be built while everybody waits

--- schema
CREATE TABLE surnames (id serial PRIMARY KEY, surname text COLLATE "C" NOT NULL);
CREATE INDEX surnames_surname ON surnames (surname);
--- rows
INSERT INTO surnames (surname) SELECT md5(i::text) FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE surnames ALTER COLUMN surname TYPE text COLLATE "POSIX";
--- old
SELECT id FROM surnames WHERE id = 5;
INSERT INTO surnames (surname) VALUES ('Huber');
