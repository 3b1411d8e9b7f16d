-- safe: a validated CHECK proves NOT NULL, so the index only changes its name
-- rows: 3000000

--- schema
CREATE TABLE readings (id bigint, device integer, value real);
--- rows
INSERT INTO readings SELECT i, i % 40, i % 17 FROM generate_series(1, :rows) AS i;
CREATE INDEX readings_device ON readings (device) WHERE id < 100;
--- up
CREATE UNIQUE INDEX CONCURRENTLY readings_id ON readings (id);
ALTER TABLE readings ADD CONSTRAINT readings_id_set CHECK (id IS NOT NULL) NOT VALID;
ALTER TABLE readings VALIDATE CONSTRAINT readings_id_set;
SET lock_timeout = '2s';
ALTER TABLE readings ALTER COLUMN id SET NOT NULL;
ALTER TABLE readings ADD CONSTRAINT readings_pkey PRIMARY KEY USING INDEX readings_id;
ALTER TABLE readings DROP CONSTRAINT readings_id_set;
--- old
SELECT * FROM readings WHERE device = 4 AND id < 100 LIMIT 1;
INSERT INTO readings (id, device, value) VALUES (99000001, 4, 1.5);
