-- Fills the new column in one statement: every row that it has changed stays locked until the last one is.
UPDATE items SET discount_cents = price_cents * discount_percent / 100;
