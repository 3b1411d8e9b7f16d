-- unsafe: the old column goes although the old release still reads it

--- schema
CREATE TABLE staff (id serial PRIMARY KEY, name text NOT NULL, tel text, phone text);
--- rows
INSERT INTO staff (name, tel, phone) SELECT 'S' || i, '0' || i, '0' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE staff DROP COLUMN IF EXISTS tel;
--- old
SELECT name, coalesce(phone, tel) AS phone FROM staff WHERE id = 1;
UPDATE staff SET phone = '4' WHERE id = 1;
