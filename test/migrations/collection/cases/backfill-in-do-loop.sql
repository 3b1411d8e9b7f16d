-- unsafe: the batches are in one transaction, so the first row stays locked until the last is done

--- schema
CREATE TABLE wallets (id serial PRIMARY KEY, owner integer NOT NULL, balance integer NOT NULL, currency text);
--- rows
INSERT INTO wallets (owner, balance) SELECT i, i % 100 FROM generate_series(1, :rows) AS i;
--- up
DO $$
DECLARE
  first integer := 0;
BEGIN
  LOOP
    UPDATE wallets SET currency = 'EUR' WHERE id >= first AND id < first + 1000;
    EXIT WHEN NOT FOUND AND first > 0;
    first := first + 1000;
  END LOOP;
END $$;
--- old
SELECT balance FROM wallets WHERE id = 1;
UPDATE wallets SET balance = balance - 5 WHERE id = 1;
