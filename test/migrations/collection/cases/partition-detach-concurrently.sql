-- safe: an old partition leaves while everybody passes
-- holdout

--- schema
CREATE TABLE bids (day date NOT NULL, cents integer) PARTITION BY RANGE (day);
CREATE TABLE bids_2019 PARTITION OF bids FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');
CREATE TABLE bids_2025 PARTITION OF bids FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
--- rows
INSERT INTO bids SELECT date '2019-01-01' + i % 300, 5 FROM generate_series(1, :rows) AS i;
INSERT INTO bids SELECT date '2025-01-01' + i % 300, 5 FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE bids DETACH PARTITION bids_2019 CONCURRENTLY;
--- old
SELECT cents FROM bids WHERE day = '2025-02-03' LIMIT 2;
INSERT INTO bids (day, cents) VALUES ('2025-12-30', 100);
