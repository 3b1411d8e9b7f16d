-- unsafe: SET NOT NULL reads the whole table while everybody waits
-- rows: 2000000

--- schema
CREATE TABLE profiles (id serial PRIMARY KEY, nickname text, born date);
--- rows
INSERT INTO profiles (nickname, born) SELECT 'nick' || i, date '1990-01-01' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE profiles ALTER COLUMN nickname SET NOT NULL;
--- old
SELECT nickname, born FROM profiles WHERE id = 3;
UPDATE profiles SET nickname = 'me' WHERE id = 3;
