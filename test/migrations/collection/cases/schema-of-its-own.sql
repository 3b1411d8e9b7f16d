-- safe: everything is new

--- schema
CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL);
--- rows
INSERT INTO users (name) SELECT 'U' || i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
CREATE SCHEMA billing;
CREATE DOMAIN billing.cents AS bigint CHECK (VALUE >= 0);
CREATE UNLOGGED TABLE billing.drafts (id serial PRIMARY KEY, total billing.cents NOT NULL DEFAULT 0);
CREATE TABLE billing.bills (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), total billing.cents NOT NULL, tax numeric(4, 2));
CREATE INDEX ON billing.bills (total);
CREATE VIEW billing.large AS SELECT id, total FROM billing.bills WHERE total > 100000;
CREATE FUNCTION billing.total() RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT sum(total) FROM billing.bills $$;
INSERT INTO billing.bills (total) SELECT n FROM generate_series(1, 20) AS n;
ALTER TABLE billing.bills ALTER COLUMN tax TYPE numeric(6, 3);
COMMIT;
--- down
DROP SCHEMA billing CASCADE;
--- old
SELECT * FROM users WHERE id = 4;
INSERT INTO users (name) VALUES ('Zoe');
