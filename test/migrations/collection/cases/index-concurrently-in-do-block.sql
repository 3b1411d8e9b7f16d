-- unsafe: a DO block is a transaction, in which CONCURRENTLY is refused

--- schema
CREATE TABLE invoices (id serial PRIMARY KEY, number text NOT NULL, due date);
--- rows
INSERT INTO invoices (number, due) SELECT 'R' || i, current_date + i % 60 FROM generate_series(1, :rows) AS i;
--- up
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_indexes WHERE indexname = 'invoices_due') THEN
    EXECUTE 'CREATE INDEX CONCURRENTLY invoices_due ON invoices (due)';
  END IF;
END $$;
--- old
SELECT number, due FROM invoices WHERE id = 9;
INSERT INTO invoices (number, due) VALUES ('R0', current_date);
