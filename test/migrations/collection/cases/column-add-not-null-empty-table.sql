-- unsafe: it succeeds on an empty table, and then each INSERT of the old release fails

--- schema
CREATE TABLE users (id serial PRIMARY KEY, name text);
CREATE TABLE complaints (id serial PRIMARY KEY, user_id integer NOT NULL, body text NOT NULL);
--- rows
INSERT INTO users (name) SELECT 'U' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE complaints ADD COLUMN severity integer NOT NULL;
--- old
SELECT name FROM users WHERE id = 2;
SELECT id, body FROM complaints WHERE user_id = 5;
INSERT INTO complaints (user_id, body) VALUES (5, 'It rains');
