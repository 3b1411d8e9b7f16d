-- unsafe: the old release may not write any more
-- as: app
-- holdout

--- schema
DO $$ BEGIN CREATE ROLE app NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE rates (currency text PRIMARY KEY, rate numeric NOT NULL);
CREATE TABLE trades (id bigserial PRIMARY KEY, cents integer);
GRANT SELECT, INSERT, UPDATE ON rates, trades TO app;
GRANT USAGE ON SEQUENCE trades_id_seq TO app;
INSERT INTO rates VALUES ('USD', 1.1), ('CHF', 0.9);
--- rows
INSERT INTO trades (cents) SELECT i FROM generate_series(1, :rows) AS i;
--- up
REVOKE INSERT, UPDATE ON rates FROM app;
--- old
SELECT rate FROM rates WHERE currency = 'USD';
UPDATE rates SET rate = 1.2 WHERE currency = 'USD';
INSERT INTO trades (cents) VALUES (500);
