-- safe: each old INSERT gives the value itself

--- schema
CREATE TABLE mails (id serial PRIMARY KEY, recipient text NOT NULL, priority integer DEFAULT 5);
--- rows
INSERT INTO mails (recipient) SELECT 'r' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE mails ALTER COLUMN priority DROP DEFAULT;
--- old
SELECT * FROM mails WHERE id = 5;
INSERT INTO mails (recipient, priority) VALUES ('boss@example.org', 1);
