-- safe: the view is away for nobody, as both happen in one transaction
-- holdout

--- schema
CREATE TABLE stock (sku text PRIMARY KEY, amount integer NOT NULL, shelf text);
CREATE VIEW available AS SELECT sku, amount FROM stock WHERE amount > 0;
--- rows
INSERT INTO stock SELECT 'sku-' || i, i % 4, 'A' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
DROP VIEW available;
CREATE VIEW available AS SELECT sku, shelf, amount FROM stock WHERE amount > 0;
COMMIT;
--- old
SELECT sku FROM available WHERE amount > 2 AND sku = 'sku-3';
UPDATE stock SET amount = amount + 1 WHERE sku = 'sku-3';
