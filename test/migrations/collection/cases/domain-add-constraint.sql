-- unsafe: each table with the domain is read while writes wait
-- rows: 3000000

--- schema
CREATE DOMAIN email AS text;
CREATE TABLE leads (id serial PRIMARY KEY, address email NOT NULL);
--- rows
INSERT INTO leads (address) SELECT 'lead' || i || '@example.org' FROM generate_series(1, :rows) AS i;
--- up
ALTER DOMAIN email ADD CONSTRAINT email_has_at CHECK (VALUE LIKE '%@%');
--- old
SELECT address FROM leads WHERE id = 4;
INSERT INTO leads (address) VALUES ('new@example.org');
