-- unsafe: the old release still reads and writes the column

--- schema
CREATE TABLE employees (id serial PRIMARY KEY, name text NOT NULL, fax text);
--- rows
INSERT INTO employees (name, fax) SELECT 'E' || i, '123' FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE employees DROP COLUMN fax;
--- old
SELECT name, fax FROM employees WHERE id = 4;
INSERT INTO employees (name, fax) VALUES ('Newton', NULL);
