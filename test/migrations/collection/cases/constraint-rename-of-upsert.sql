-- unsafe: ON CONFLICT ON CONSTRAINT knows the old name

--- schema
CREATE TABLE stores (id serial PRIMARY KEY, code text NOT NULL CONSTRAINT uq1 UNIQUE, name text);
--- rows
INSERT INTO stores (code, name) SELECT 'S' || i, 'N' FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE stores RENAME CONSTRAINT uq1 TO stores_code_key;
--- old
SELECT name FROM stores WHERE code = 'S5';
INSERT INTO stores (code, name) VALUES ('S5', 'New') ON CONFLICT ON CONSTRAINT uq1 DO UPDATE SET name = excluded.name;
