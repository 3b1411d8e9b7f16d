-- unsafe: each row has the default, and each is looked up while writes wait
-- rows: 1000000

--- schema
CREATE TABLE folders (id serial PRIMARY KEY, name text);
CREATE TABLE notes (id serial PRIMARY KEY, body text);
INSERT INTO folders (name) VALUES ('Inbox'), ('Archive');
--- rows
INSERT INTO notes (body) SELECT 'Note ' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE notes ADD COLUMN folder_id integer NOT NULL DEFAULT 1 REFERENCES folders (id);
--- old
SELECT id, body FROM notes WHERE id = 7;
INSERT INTO notes (body) VALUES ('Milk');
