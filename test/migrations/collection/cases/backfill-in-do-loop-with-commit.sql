-- safe: each batch is a transaction of its own

--- schema
CREATE TABLE wallets (id serial PRIMARY KEY, owner integer NOT NULL, balance integer NOT NULL, currency text);
--- rows
INSERT INTO wallets (owner, balance) SELECT i, i % 100 FROM generate_series(1, least(:rows, 50000)) AS i;
--- up
DO $$
DECLARE
  first integer := 0;
  final integer := (SELECT max(id) FROM wallets);
BEGIN
  WHILE first <= final LOOP
    UPDATE wallets SET currency = 'EUR' WHERE id >= first AND id < first + 500 AND currency IS NULL;
    COMMIT;
    first := first + 500;
  END LOOP;
END $$;
--- old
SELECT balance FROM wallets WHERE id = 1;
UPDATE wallets SET balance = balance - 5 WHERE id = 1;
INSERT INTO wallets (owner, balance) VALUES (3, 0);
