-- safe: an advisory lock keeps only other migrations out

--- schema
CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL);
--- rows
INSERT INTO users (name) SELECT 'U' || i FROM generate_series(1, :rows) AS i;
--- up
SELECT pg_advisory_lock(815, 42);
CREATE TABLE IF NOT EXISTS schema_migrations (version text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
BEGIN;
SET LOCAL lock_timeout = '1s';
ALTER TABLE users ADD COLUMN locale text;
INSERT INTO schema_migrations (version) VALUES ('20250301_locale');
COMMIT;
SELECT pg_advisory_unlock(815, 42);
--- old
SELECT id, name FROM users WHERE id = 4;
INSERT INTO users (name) VALUES ('Zoe');
UPDATE users SET name = 'Zora' WHERE id = 1;
