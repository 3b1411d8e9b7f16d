-- unsafe: before 17 it is a syntax error, since then the table is written anew
-- holdout

--- schema
CREATE TABLE lines (id serial PRIMARY KEY, amount integer NOT NULL, price integer NOT NULL, total integer GENERATED ALWAYS AS (amount * price) STORED);
--- rows
INSERT INTO lines (amount, price) SELECT i % 10, i % 100 FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE lines ALTER COLUMN total SET EXPRESSION AS (amount * price + 1);
--- old
SELECT total FROM lines WHERE id = 4;
INSERT INTO lines (amount, price) VALUES (2, 3);
