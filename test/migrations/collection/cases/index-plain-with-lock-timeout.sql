-- unsafe: a lock_timeout bounds how long the migration waits, not how long it makes others wait

--- schema
CREATE TABLE sessions (
  token text PRIMARY KEY,
  user_id integer NOT NULL,
  expires_at timestamptz NOT NULL
);
--- rows
INSERT INTO sessions SELECT md5(i::text), i % 9000, now() + i * interval '1 second' FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '2s';
SET statement_timeout = '10min';
BEGIN;
CREATE INDEX sessions_expires_at ON sessions (expires_at);
COMMIT;
--- old
SELECT user_id FROM sessions WHERE token = 'c4ca4238a0b923820dcc509a6f75849b' AND expires_at > '2020-01-01';
INSERT INTO sessions (token, user_id, expires_at) VALUES ('fresh', 5, now() + interval '1 hour')
  ON CONFLICT (token) DO UPDATE SET expires_at = excluded.expires_at;
DELETE FROM sessions WHERE token = 'c81e728d9d4c2f636f067f89cc14862c';
