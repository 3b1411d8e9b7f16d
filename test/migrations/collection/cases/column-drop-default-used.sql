-- unsafe: old INSERTs rely on the default of a NOT NULL column

--- schema
CREATE TABLE mails (id serial PRIMARY KEY, recipient text NOT NULL, priority integer NOT NULL DEFAULT 5);
--- rows
INSERT INTO mails (recipient) SELECT 'r' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE mails ALTER COLUMN priority DROP DEFAULT;
--- old
SELECT recipient, priority FROM mails WHERE id = 5;
INSERT INTO mails (recipient) VALUES ('boss@example.org');
