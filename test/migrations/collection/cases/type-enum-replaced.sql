-- unsafe: a new enum takes the old one's place, and the table is written anew

--- schema
CREATE TYPE mood AS ENUM ('happy', 'sad', 'angry');
CREATE TABLE diary (id serial PRIMARY KEY, mood mood NOT NULL, text text);
--- rows
INSERT INTO diary (mood, text) SELECT 'happy', 'Day ' || i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('happy', 'sad');
ALTER TABLE diary ALTER COLUMN mood TYPE mood USING mood::text::mood;
DROP TYPE mood_old;
COMMIT;
--- old
SELECT text FROM diary WHERE id = 6;
INSERT INTO diary (mood, text) VALUES ('sad', 'Rain');
