-- safe: there is no DEFAULT partition to be read
-- holdout

--- schema
CREATE TABLE metrics (day date NOT NULL, name text, value real) PARTITION BY RANGE (day);
CREATE TABLE metrics_2025 PARTITION OF metrics FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
--- rows
INSERT INTO metrics SELECT date '2025-01-01' + i % 300, 'cpu', 1 FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
CREATE TABLE IF NOT EXISTS metrics_2026 PARTITION OF metrics FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
--- old
SELECT value FROM metrics WHERE day = '2025-03-01' LIMIT 1;
INSERT INTO metrics VALUES ('2025-04-01', 'cpu', 0.5);
