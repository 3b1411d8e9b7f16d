-- safe: the new unique index is there before the old one goes

--- schema
CREATE TABLE devices (id serial PRIMARY KEY, mac text NOT NULL, seen_at timestamptz);
CREATE UNIQUE INDEX devices_mac ON devices (mac);
--- rows
INSERT INTO devices (mac) SELECT md5(i::text) FROM generate_series(1, :rows) AS i;
--- up
CREATE UNIQUE INDEX CONCURRENTLY devices_mac_new ON devices (mac) INCLUDE (seen_at);
DROP INDEX CONCURRENTLY devices_mac;
ALTER INDEX devices_mac_new RENAME TO devices_mac;
--- old
SELECT id, seen_at FROM devices WHERE mac = 'c4ca4238a0b923820dcc509a6f75849b';
INSERT INTO devices (mac, seen_at) VALUES ('ff', now()) ON CONFLICT (mac) DO UPDATE SET seen_at = now();
