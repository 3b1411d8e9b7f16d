-- unsafe: the CHECK was never validated, so SET NOT NULL still reads everything under its lock
-- rows: 3000000
-- holdout

--- schema
CREATE TABLE profiles (id serial PRIMARY KEY, nickname text, born date);
--- rows
INSERT INTO profiles (nickname, born) SELECT 'nick' || i, date '1990-01-01' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE profiles ADD CONSTRAINT profiles_nickname_set CHECK (nickname IS NOT NULL) NOT VALID;
ALTER TABLE profiles ALTER COLUMN nickname SET NOT NULL;
--- old
SELECT nickname FROM profiles WHERE id = 3;
INSERT INTO profiles (nickname, born) VALUES ('newcomer', '2001-02-03');
