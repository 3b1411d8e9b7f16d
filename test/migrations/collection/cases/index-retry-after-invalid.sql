-- safe: what a failed try may have left is dropped first, both CONCURRENTLY

--- schema
CREATE TABLE devices (id serial PRIMARY KEY, mac text NOT NULL, room integer);
--- rows
INSERT INTO devices (mac, room) SELECT md5(i::text), i % 40 FROM generate_series(1, :rows) AS i;
--- up
DROP INDEX CONCURRENTLY IF EXISTS devices_room;
CREATE INDEX CONCURRENTLY devices_room ON devices (room) WHERE room IS NOT NULL;
--- old
SELECT * FROM devices WHERE id = 4;
INSERT INTO devices (mac, room) VALUES ('aa', 5);
UPDATE devices SET room = 6 WHERE id = 1;
