-- safe: it holds for new rows only

--- schema
CREATE TABLE scans (id serial PRIMARY KEY, image bytea);
--- rows
INSERT INTO scans (image) SELECT '\x00' FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '2s';
ALTER TABLE scans ALTER COLUMN image SET STORAGE EXTERNAL;
ALTER TABLE scans REPLICA IDENTITY FULL;
--- old
SELECT * FROM scans WHERE id = 5;
INSERT INTO scans (image) VALUES ('\x01');
