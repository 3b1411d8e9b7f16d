-- One batch: run until it changes no row. Short transactions keep row locks and bloat small.
UPDATE items SET discount_cents = price_cents * discount_percent / 100
WHERE id IN (SELECT id FROM items WHERE discount_cents IS NULL ORDER BY id LIMIT 500);
