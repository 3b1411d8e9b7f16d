-- safe: nobody waits, and no old query needs it to work

--- schema
CREATE TABLE devices (id serial PRIMARY KEY, mac text NOT NULL, room integer);
CREATE INDEX devices_room ON devices (room);
--- rows
INSERT INTO devices (mac, room) SELECT md5(i::text), i % 40 FROM generate_series(1, :rows) AS i;
--- up
DROP INDEX CONCURRENTLY IF EXISTS devices_room;
--- old
SELECT * FROM devices WHERE id = 4;
SELECT count(*) FROM devices WHERE room = 3 AND id < 100;
INSERT INTO devices (mac, room) VALUES ('aa', 5);
