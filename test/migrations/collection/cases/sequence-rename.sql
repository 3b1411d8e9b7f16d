-- unsafe: the old release asks the sequence by its name

--- schema
CREATE SEQUENCE invoice_numbers;
CREATE TABLE invoices (number bigint PRIMARY KEY, cents integer NOT NULL);
--- rows
INSERT INTO invoices SELECT -i, i FROM generate_series(1, :rows) AS i;
--- up
ALTER SEQUENCE invoice_numbers RENAME TO invoices_number_seq;
--- old
SELECT cents FROM invoices WHERE number = -4;
INSERT INTO invoices (number, cents) VALUES (nextval('invoice_numbers'), 990);
