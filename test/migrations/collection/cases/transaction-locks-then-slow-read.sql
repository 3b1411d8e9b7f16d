-- unsafe: the lock of a quick change is kept while a big table is counted
-- rows: 2000000

--- schema
CREATE TABLE meters (id serial PRIMARY KEY, address text);
CREATE TABLE pulses (meter integer NOT NULL, at timestamptz NOT NULL, kwh real);
INSERT INTO meters (address) SELECT 'A' || i FROM generate_series(1, 100) AS i;
--- rows
INSERT INTO pulses SELECT 1 + i % 100, now(), 1 FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TABLE meters ADD COLUMN pulse_count bigint;
UPDATE meters SET pulse_count = n FROM (SELECT meter, count(*) AS n FROM pulses GROUP BY meter) AS c WHERE c.meter = id;
COMMIT;
--- old
SELECT address FROM meters WHERE id = 4;
INSERT INTO pulses (meter, at, kwh) VALUES (4, now(), 0.5);
