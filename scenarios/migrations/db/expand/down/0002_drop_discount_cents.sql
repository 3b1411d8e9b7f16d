-- The way back of the expansion, once v2, which alone reads the column, is gone.
SET lock_timeout = '100ms';
ALTER TABLE items DROP COLUMN discount_cents;
