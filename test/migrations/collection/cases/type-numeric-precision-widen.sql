-- safe: more digits before the point cost nothing, and the old release reads a sum

--- schema
CREATE TABLE ledger (id serial PRIMARY KEY, account integer NOT NULL, amount numeric(10, 2) NOT NULL);
--- rows
INSERT INTO ledger (account, amount) SELECT i % 20, i / 100.0 FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE ledger ALTER COLUMN amount TYPE numeric(16, 2);
--- old
SELECT sum(amount) FROM ledger WHERE id BETWEEN 1 AND 10;
INSERT INTO ledger (account, amount) VALUES (7, 12.34);
