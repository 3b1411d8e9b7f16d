-- safe: the parent's index is empty at first, and each partition's is built CONCURRENTLY

--- schema
CREATE TABLE measurements (
  station integer NOT NULL,
  taken_on date NOT NULL,
  celsius real
) PARTITION BY RANGE (taken_on);
CREATE TABLE measurements_2024 PARTITION OF measurements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE measurements_2025 PARTITION OF measurements FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
--- rows
INSERT INTO measurements
SELECT i % 900, date '2024-01-01' + i % 730, 20 + i % 9 FROM generate_series(1, :rows) AS i;
--- up
CREATE INDEX measurements_station ON ONLY measurements (station, taken_on);
CREATE INDEX CONCURRENTLY measurements_2024_station ON measurements_2024 (station, taken_on);
CREATE INDEX CONCURRENTLY measurements_2025_station ON measurements_2025 (station, taken_on);
ALTER INDEX measurements_station ATTACH PARTITION measurements_2024_station;
ALTER INDEX measurements_station ATTACH PARTITION measurements_2025_station;
--- old
SELECT * FROM measurements_2025 LIMIT 1;
INSERT INTO measurements (station, taken_on, celsius) VALUES (4, '2025-03-01', 17.5);
INSERT INTO measurements_2024 VALUES (4, '2024-03-01', 17.5);
