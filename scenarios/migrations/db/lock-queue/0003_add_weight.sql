-- As harmless as the expansion before it, but it waits for its lock however long that takes.
ALTER TABLE items ADD COLUMN weight_grams integer;
