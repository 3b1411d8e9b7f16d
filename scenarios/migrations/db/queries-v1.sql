-- What release v1 asks of the database.
SELECT sku, name, price_cents, discount_percent FROM items ORDER BY id LIMIT 20;
INSERT INTO orders (id, sku, phone, placed_by) VALUES ('1', 'A1', '', 'v1') ON CONFLICT (id) DO NOTHING;
UPDATE items SET sold = sold + 1 WHERE sku = 'A1';
SELECT id, sku, placed_by FROM orders WHERE id = '1';
