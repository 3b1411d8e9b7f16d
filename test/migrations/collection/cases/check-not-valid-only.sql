-- safe: old writes keep to the rule, and old rows are not looked at
-- holdout

--- schema
CREATE TABLE loans (id serial PRIMARY KEY, book integer NOT NULL, days integer NOT NULL);
--- rows
INSERT INTO loans (book, days) SELECT i, i % 30 FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '2s';
ALTER TABLE loans ADD CONSTRAINT loans_days CHECK (days BETWEEN 1 AND 90) NOT VALID;
--- old
SELECT * FROM loans WHERE id = 6;
INSERT INTO loans (book, days) VALUES (4, 14);
UPDATE loans SET days = 28 WHERE id = 7;
