-- unsafe: the table that becomes a partition is read from end to end while its users wait
-- rows: 2000000

--- schema
CREATE TABLE trips (started date NOT NULL, km real) PARTITION BY RANGE (started);
CREATE TABLE trips_before (started date NOT NULL, km real);
--- rows
INSERT INTO trips_before SELECT date '2023-01-01' + i % 300, 4 FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE trips ATTACH PARTITION trips_before FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
--- old
SELECT km FROM trips_before LIMIT 3;
INSERT INTO trips_before (started, km) VALUES ('2023-02-03', 12);
