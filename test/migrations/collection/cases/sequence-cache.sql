-- safe: numbers go on

--- schema
CREATE SEQUENCE invoice_numbers;
CREATE TABLE invoices (number bigint PRIMARY KEY, cents integer NOT NULL);
--- rows
INSERT INTO invoices SELECT -i, i FROM generate_series(1, :rows) AS i;
--- up
ALTER SEQUENCE invoice_numbers CACHE 20;
--- old
SELECT * FROM invoices WHERE number = -4;
INSERT INTO invoices (number, cents) VALUES (nextval('invoice_numbers'), 990);
