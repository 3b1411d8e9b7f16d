-- safe: the view gets one more column at its end, and the old release names those it wants
-- holdout

--- schema
CREATE TABLE stock (sku text PRIMARY KEY, amount integer NOT NULL, shelf text);
CREATE VIEW available AS SELECT sku, amount FROM stock WHERE amount > 0;
--- rows
INSERT INTO stock SELECT 'sku-' || i, i % 4, 'A' FROM generate_series(1, :rows) AS i;
--- up
CREATE OR REPLACE VIEW available AS SELECT sku, amount, shelf FROM stock WHERE amount > 0;
--- old
SELECT sku, amount FROM available WHERE sku = 'sku-3';
UPDATE stock SET amount = amount + 1 WHERE sku = 'sku-3';
