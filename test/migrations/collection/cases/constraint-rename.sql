-- safe: the old release does not know the constraint by its name

--- schema
CREATE TABLE stores (id serial CONSTRAINT pk_stores PRIMARY KEY, code text NOT NULL CONSTRAINT uq1 UNIQUE, name text);
--- rows
INSERT INTO stores (code, name) SELECT 'S' || i, 'N' FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE stores RENAME CONSTRAINT uq1 TO stores_code_key;
ALTER INDEX pk_stores RENAME TO stores_pkey;
--- old
SELECT name FROM stores WHERE code = 'S5';
INSERT INTO stores (code, name) VALUES ('S5', 'New') ON CONFLICT (code) DO UPDATE SET name = excluded.name;
