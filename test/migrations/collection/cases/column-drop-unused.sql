-- safe: the old release stopped using the column before

--- schema
CREATE TABLE employees (id serial PRIMARY KEY, name text NOT NULL, fax text, room integer);
--- rows
INSERT INTO employees (name, fax, room) SELECT 'E' || i, '123', 4 FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE employees DROP COLUMN fax;
--- old
SELECT id, name, room FROM employees WHERE id = 4;
INSERT INTO employees (name, room) VALUES ('Newton', 7) RETURNING id, room;
UPDATE employees SET room = 8 WHERE id = 9;
