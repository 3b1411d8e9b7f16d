-- unsafe: each row stays locked until the one big UPDATE ends
-- holdout

--- schema
CREATE TABLE wallets (id serial PRIMARY KEY, owner integer NOT NULL, balance integer NOT NULL, currency text);
--- rows
INSERT INTO wallets (owner, balance) SELECT i, i % 100 FROM generate_series(1, :rows) AS i;
--- up
UPDATE wallets SET currency = 'EUR' WHERE currency IS NULL;
--- old
SELECT balance FROM wallets WHERE id = 1;
UPDATE wallets SET balance = balance - 5 WHERE id = 1;
