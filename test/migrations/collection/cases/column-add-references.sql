-- safe: there is no default, so no row has to be looked up

--- schema
CREATE TABLE folders (id serial PRIMARY KEY, name text);
CREATE TABLE notes (id serial PRIMARY KEY, body text);
INSERT INTO folders (name) VALUES ('Inbox'), ('Archive');
--- rows
INSERT INTO notes (body) SELECT 'Note ' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE notes ADD COLUMN folder_id integer REFERENCES folders (id);
--- old
SELECT id, body FROM notes WHERE id = 7;
SELECT * FROM folders WHERE id = 1;
INSERT INTO notes (body) VALUES ('Milk');
UPDATE folders SET name = 'In' WHERE id = 1;
