-- unsafe: an index of the parent builds one on each partition while writes wait
-- holdout

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
CREATE INDEX measurements_station ON measurements (station, taken_on);
--- old
SELECT celsius FROM measurements WHERE taken_on = '2025-02-03' AND station = 4 LIMIT 1;
INSERT INTO measurements (station, taken_on, celsius) VALUES (4, '2025-03-01', 17.5);
