-- safe: new rows get another value, old queries do not care

--- schema
CREATE TABLE mails (id serial PRIMARY KEY, recipient text NOT NULL, priority integer NOT NULL DEFAULT 5);
--- rows
INSERT INTO mails (recipient) SELECT 'r' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE mails ALTER COLUMN priority SET DEFAULT 3;
--- down
ALTER TABLE mails ALTER COLUMN priority SET DEFAULT 5;
--- old
SELECT * FROM mails WHERE id = 5;
INSERT INTO mails (recipient) VALUES ('boss@example.org');
--- new
INSERT INTO mails (recipient) VALUES ('boss@example.org');
