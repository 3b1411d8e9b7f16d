-- Expand: a nullable column without a default is a change of the catalogue alone, and v1 never notices it.
-- A waiting ALTER TABLE blocks every reader that comes after it: it gives way soon, and is tried again.
SET lock_timeout = '100ms';
ALTER TABLE items ADD COLUMN discount_cents integer;
