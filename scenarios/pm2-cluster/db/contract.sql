-- Belongs into a later release, once no running code and no rollback target reads the column.
-- Run together with the expansion it is the mistake of BREAK=drop-column.
ALTER TABLE items DROP COLUMN discount_percent;
