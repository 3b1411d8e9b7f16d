-- safe: a DO block around a free change
-- holdout

--- schema
CREATE TABLE coupons (id serial PRIMARY KEY, code text NOT NULL);
--- rows
INSERT INTO coupons (code) SELECT md5(i::text) FROM generate_series(1, :rows) AS i;
--- up
DO $$
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  IF NOT EXISTS (
    SELECT FROM information_schema.columns WHERE table_name = 'coupons' AND column_name = 'expires_on'
  ) THEN
    EXECUTE 'ALTER TABLE coupons ADD COLUMN expires_on date';
  END IF;
END $$;
--- old
SELECT id, code FROM coupons WHERE id = 3;
INSERT INTO coupons (code) VALUES ('XMAS');
