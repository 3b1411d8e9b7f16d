-- unsafe: the column may be NULL, so PRIMARY KEY USING INDEX reads the whole table under its lock
-- rows: 3000000

--- schema
CREATE TABLE readings (id bigint, device integer, value real);
--- rows
INSERT INTO readings SELECT i, i % 40, i % 17 FROM generate_series(1, :rows) AS i;
CREATE INDEX readings_device ON readings (device) WHERE id < 100;
--- up
CREATE UNIQUE INDEX CONCURRENTLY readings_id ON readings (id);
ALTER TABLE readings ADD CONSTRAINT readings_pkey PRIMARY KEY USING INDEX readings_id;
--- old
SELECT value FROM readings WHERE device = 4 AND id < 100 LIMIT 1;
INSERT INTO readings (id, device, value) VALUES (99000001, 4, 1.5);
