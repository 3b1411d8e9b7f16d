-- unsafe: rows that the old release writes have no partition any more
-- holdout

--- schema
CREATE TABLE bids (day date NOT NULL, cents integer) PARTITION BY RANGE (day);
CREATE TABLE bids_2024 PARTITION OF bids FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE bids_2025 PARTITION OF bids FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
--- rows
INSERT INTO bids SELECT date '2024-01-01' + i % 600, 5 FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE bids DETACH PARTITION bids_2024;
--- old
SELECT cents FROM bids WHERE day = '2025-02-03' LIMIT 2;
INSERT INTO bids (day, cents) VALUES ('2024-12-31', 100);
