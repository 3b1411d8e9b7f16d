-- unsafe on 15: NOT NULL constraints cannot be NOT VALID before 18: a syntax error
-- safe on 18: NOT VALID holds for new rows at once, and VALIDATE lets everybody pass
-- rows: 2000000

--- schema
CREATE TABLE devices (id serial PRIMARY KEY, serial_no text, model integer NOT NULL);
--- rows
INSERT INTO devices (serial_no, model) SELECT 'SN' || i, i % 30 FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE devices ADD CONSTRAINT devices_serial_no_set NOT NULL serial_no NOT VALID;
ALTER TABLE devices VALIDATE CONSTRAINT devices_serial_no_set;
--- old
SELECT * FROM devices WHERE id = 6;
INSERT INTO devices (serial_no, model) VALUES ('SN0', 4);
