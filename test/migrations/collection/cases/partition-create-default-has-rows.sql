-- unsafe: even a new partition has the DEFAULT one read from end to end
-- rows: 2000000

--- schema
CREATE TABLE metrics (day date NOT NULL, name text, value real) PARTITION BY RANGE (day);
CREATE TABLE metrics_rest PARTITION OF metrics DEFAULT;
--- rows
INSERT INTO metrics SELECT date '2025-01-01' + i % 300, 'cpu', 1 FROM generate_series(1, :rows) AS i;
--- up
CREATE TABLE metrics_2026 PARTITION OF metrics FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
--- old
SELECT value FROM metrics WHERE day = '2025-03-01' LIMIT 1;
INSERT INTO metrics VALUES ('2025-04-01', 'cpu', 0.5);
