-- unsafe on 15: transaction_timeout is not known before 17, so it fails
-- safe on 18: a setting that is known, and a quick change

--- schema
CREATE TABLE tokens (id serial PRIMARY KEY, value text NOT NULL);
--- rows
INSERT INTO tokens (value) SELECT md5(i::text) FROM generate_series(1, :rows) AS i;
--- up
SET transaction_timeout = '30s';
SET lock_timeout = '2s';
ALTER TABLE tokens ADD COLUMN revoked_at timestamptz;
--- old
SELECT value FROM tokens WHERE id = 4;
INSERT INTO tokens (value) VALUES ('t');
