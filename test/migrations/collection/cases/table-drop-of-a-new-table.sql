-- safe: a helper table lives for the length of the migration

--- schema
CREATE TABLE prices (sku text PRIMARY KEY, cents integer NOT NULL);
--- rows
INSERT INTO prices SELECT 'sku-' || i, i % 5000 FROM generate_series(1, :rows) AS i;
--- up
CREATE TEMP TABLE wanted (sku text PRIMARY KEY, cents integer NOT NULL);
INSERT INTO wanted VALUES ('sku-1', 100), ('sku-2', 200);
INSERT INTO prices SELECT sku, cents FROM wanted ON CONFLICT (sku) DO UPDATE SET cents = excluded.cents;
TRUNCATE wanted;
DROP TABLE wanted;
--- old
SELECT * FROM prices WHERE sku = 'sku-2';
UPDATE prices SET cents = cents + 1 WHERE sku = 'sku-1';
