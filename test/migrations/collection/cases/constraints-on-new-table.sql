-- safe: all constraints are added to a table that the same migration makes
-- holdout

--- schema
CREATE TABLE companies (id serial PRIMARY KEY, name text NOT NULL);
--- rows
INSERT INTO companies (name) SELECT 'C' || i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
CREATE TABLE contracts (id integer NOT NULL, company_id integer NOT NULL, number varchar(20), signed_on date);
ALTER TABLE contracts ADD CONSTRAINT contracts_pkey PRIMARY KEY (id);
ALTER TABLE contracts ADD CONSTRAINT contracts_number UNIQUE (number);
ALTER TABLE contracts ADD CONSTRAINT contracts_company FOREIGN KEY (company_id) REFERENCES companies (id);
ALTER TABLE contracts ADD CONSTRAINT contracts_signed CHECK (signed_on > '2000-01-01');
ALTER TABLE contracts ALTER COLUMN number SET NOT NULL;
CREATE INDEX contracts_company_id ON contracts (company_id);
COMMIT;
--- old
SELECT * FROM companies WHERE id = 2;
INSERT INTO companies (name) VALUES ('Acme');
UPDATE companies SET name = 'Acme 2' WHERE id = 5;
