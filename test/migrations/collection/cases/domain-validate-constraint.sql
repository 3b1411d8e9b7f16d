-- unsafe: other than a table's, a domain's VALIDATE keeps writes waiting
-- rows: 2000000

--- schema
CREATE DOMAIN email AS text;
CREATE TABLE leads (id serial PRIMARY KEY, address email NOT NULL);
--- rows
INSERT INTO leads (address) SELECT 'lead' || i || '@example.org' FROM generate_series(1, :rows) AS i;
--- up
ALTER DOMAIN email ADD CONSTRAINT email_has_at CHECK (VALUE LIKE '%@%') NOT VALID;
ALTER DOMAIN email VALIDATE CONSTRAINT email_has_at;
--- old
SELECT address FROM leads WHERE id = 4;
INSERT INTO leads (address) VALUES ('new@example.org');
