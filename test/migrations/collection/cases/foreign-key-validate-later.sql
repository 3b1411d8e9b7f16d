-- safe: a key that was added before is validated while everybody passes
-- holdout

--- schema
CREATE TABLE readers (id integer PRIMARY KEY, name text);
CREATE TABLE loans (id serial PRIMARY KEY, reader_id integer NOT NULL, days integer NOT NULL DEFAULT 14);
ALTER TABLE loans ADD CONSTRAINT loans_reader FOREIGN KEY (reader_id) REFERENCES readers (id) NOT VALID;
--- rows
INSERT INTO readers SELECT i, 'R' || i FROM generate_series(1, :rows) AS i;
INSERT INTO loans (reader_id) SELECT 1 + i % (:rows - 1) FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE loans VALIDATE CONSTRAINT loans_reader;
--- old
SELECT * FROM loans WHERE id = 6;
INSERT INTO loans (reader_id, days) VALUES (4, 14);
UPDATE readers SET name = 'Worm' WHERE id = 7;
DELETE FROM loans WHERE id = 3;
