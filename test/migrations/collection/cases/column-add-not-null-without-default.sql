-- unsafe: there are rows, so it fails

--- schema
CREATE TABLE cars (id serial PRIMARY KEY, plate text NOT NULL);
INSERT INTO cars (plate) VALUES ('W-1234A'), ('G-999Z');
--- rows
INSERT INTO cars (plate) SELECT 'W-' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE cars ADD COLUMN owner_id integer NOT NULL;
--- old
SELECT plate FROM cars WHERE id = 1;
INSERT INTO cars (plate) VALUES ('S-1');
