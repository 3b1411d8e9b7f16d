-- safe: the validated CHECK spares SET NOT NULL its scan
-- rows: 3000000

--- schema
CREATE TABLE profiles (id serial PRIMARY KEY, nickname text, born date);
--- rows
INSERT INTO profiles (nickname, born) SELECT 'nick' || i, date '1990-01-01' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE profiles ADD CONSTRAINT profiles_nickname_set CHECK (nickname IS NOT NULL) NOT VALID;
ALTER TABLE profiles VALIDATE CONSTRAINT profiles_nickname_set;
BEGIN;
ALTER TABLE profiles ALTER COLUMN nickname SET NOT NULL;
ALTER TABLE profiles DROP CONSTRAINT profiles_nickname_set;
COMMIT;
--- old
SELECT * FROM profiles WHERE id = 3;
INSERT INTO profiles (nickname, born) VALUES ('newcomer', '2001-02-03');
UPDATE profiles SET nickname = 'me' WHERE id = 3;
