-- Nullable and without a default: a change of the catalogue alone, no row is rewritten, and v1 never notices.
ALTER TABLE items ADD COLUMN IF NOT EXISTS discount_cents integer;
