-- unsafe: without the default, old INSERTs leave a NOT NULL column empty
-- holdout

--- schema
CREATE TABLE vouchers (id serial PRIMARY KEY, code text NOT NULL);
--- rows
INSERT INTO vouchers (code) SELECT md5(i::text) FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TABLE vouchers ADD COLUMN kind smallint DEFAULT 1 NOT NULL;
ALTER TABLE vouchers ALTER COLUMN kind DROP DEFAULT;
COMMIT;
--- old
SELECT id, code FROM vouchers WHERE id = 8;
INSERT INTO vouchers (code) VALUES ('SUMMER');
