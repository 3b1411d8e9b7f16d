-- unsafe: the old release reads the view

--- schema
CREATE TABLE stock (sku text PRIMARY KEY, amount integer NOT NULL);
CREATE VIEW available AS SELECT sku FROM stock WHERE amount > 0;
--- rows
INSERT INTO stock SELECT 'sku-' || i, i % 4 FROM generate_series(1, :rows) AS i;
--- up
DROP VIEW available;
--- old
SELECT sku FROM available WHERE sku = 'sku-3';
UPDATE stock SET amount = amount - 1 WHERE sku = 'sku-3';
