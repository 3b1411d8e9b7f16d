-- unsafe: old INSERTs that give the id themselves are refused

--- schema
CREATE TABLE imports (id bigint PRIMARY KEY, file text NOT NULL);
--- rows
INSERT INTO imports SELECT i, 'f' || i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TABLE imports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START WITH 10000000);
COMMIT;
--- old
SELECT file FROM imports WHERE id = 5;
INSERT INTO imports (id, file) VALUES (9000000, 'f9000000');
