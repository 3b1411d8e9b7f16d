-- unsafe: writes wait while the unique index is built

--- schema
CREATE TABLE coupons (id serial PRIMARY KEY, code text NOT NULL, used boolean NOT NULL DEFAULT false);
--- rows
INSERT INTO coupons (code) SELECT md5(i::text) FROM generate_series(1, :rows) AS i;
--- up
CREATE UNIQUE INDEX coupons_code ON coupons (code);
--- old
SELECT used FROM coupons WHERE id = 12;
UPDATE coupons SET used = true WHERE id = 12 AND NOT used;
