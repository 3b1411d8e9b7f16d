-- safe: nobody calls it any more

--- schema
CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL);
CREATE FUNCTION shout(what text) RETURNS text LANGUAGE sql AS $$ SELECT upper(what) $$;
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE VIEW loud AS SELECT id, upper(name) AS name FROM users;
--- rows
INSERT INTO users (name) SELECT 'U' || i FROM generate_series(1, :rows) AS i;
--- up
DROP FUNCTION shout(text);
DROP TYPE IF EXISTS colour;
DROP VIEW IF EXISTS loud;
--- old
SELECT * FROM users WHERE id = 4;
INSERT INTO users (name) VALUES ('Zoe');
