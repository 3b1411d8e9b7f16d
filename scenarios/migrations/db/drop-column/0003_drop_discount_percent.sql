-- Contract: for a later release, once no running code and no rollback target reads the column.
SET lock_timeout = '100ms';
ALTER TABLE items DROP COLUMN discount_percent;
