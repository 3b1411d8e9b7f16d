-- safe: CHECK constraints on the new and on the DEFAULT partition spare both scans
-- rows: 2000000
-- holdout

--- schema
CREATE TABLE logs (day date NOT NULL, line text) PARTITION BY RANGE (day);
CREATE TABLE logs_2024 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE logs_rest PARTITION OF logs DEFAULT;
--- rows
INSERT INTO logs SELECT date '2027-01-01' + i % 300, 'x' FROM generate_series(1, :rows) AS i;
--- up
CREATE TABLE logs_2026 (LIKE logs INCLUDING ALL);
ALTER TABLE logs_2026 ADD CONSTRAINT logs_2026_days CHECK (day >= '2026-01-01' AND day < '2027-01-01');
ALTER TABLE logs_rest ADD CONSTRAINT logs_rest_not_2026 CHECK (day < '2026-01-01' OR day >= '2027-01-01') NOT VALID;
ALTER TABLE logs_rest VALIDATE CONSTRAINT logs_rest_not_2026;
SET lock_timeout = '2s';
ALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE logs_2026 DROP CONSTRAINT logs_2026_days;
--- old
SELECT line FROM logs WHERE day = '2027-02-01' LIMIT 3;
INSERT INTO logs (day, line) VALUES ('2027-03-01', 'hello');
INSERT INTO logs (day, line) VALUES ('2024-03-01', 'late');
