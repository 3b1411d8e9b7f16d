-- unsafe: CONCURRENTLY is refused for a partitioned table

--- schema
CREATE TABLE visits (site integer NOT NULL, seen_at timestamptz NOT NULL, path text) PARTITION BY HASH (site);
CREATE TABLE visits_0 PARTITION OF visits FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES WITH (MODULUS 2, REMAINDER 1);
--- rows
INSERT INTO visits SELECT i % 90, now(), '/page/' || i % 50 FROM generate_series(1, :rows) AS i;
--- up
CREATE INDEX CONCURRENTLY visits_site_seen ON visits (site, seen_at);
--- old
SELECT path FROM visits WHERE site = 5 LIMIT 10;
INSERT INTO visits VALUES (4, now(), '/');
