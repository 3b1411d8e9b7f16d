-- safe: the new column stands beside the old one, and each batch of the copy is short

--- schema
CREATE TABLE staff (id serial PRIMARY KEY, name text NOT NULL, tel text);
--- rows
INSERT INTO staff (name, tel) SELECT 'S' || i, '0' || i FROM generate_series(1, least(:rows, 4000)) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE staff ADD COLUMN phone text;
UPDATE staff SET phone = tel WHERE id BETWEEN 1 AND 1000 AND phone IS NULL;
UPDATE staff SET phone = tel WHERE id BETWEEN 1001 AND 2000 AND phone IS NULL;
UPDATE staff SET phone = tel WHERE id BETWEEN 2001 AND 3000 AND phone IS NULL;
UPDATE staff SET phone = tel WHERE id BETWEEN 3001 AND 4000 AND phone IS NULL;
--- old
SELECT name, tel FROM staff WHERE id = 1;
UPDATE staff SET tel = '4' WHERE id = 1;
INSERT INTO staff (name, tel) VALUES ('New', '01');
