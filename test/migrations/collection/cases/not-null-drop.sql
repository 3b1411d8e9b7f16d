-- safe: what was allowed stays allowed

--- schema
CREATE TABLE contacts (id serial PRIMARY KEY, phone text NOT NULL, name text NOT NULL);
--- rows
INSERT INTO contacts (phone, name) SELECT '+43' || i, 'N' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE contacts ALTER COLUMN phone DROP NOT NULL;
--- old
SELECT * FROM contacts WHERE id = 7;
INSERT INTO contacts (phone, name) VALUES ('+431', 'Eve');
