-- safe: in UTC the stored values stay as they are

--- schema
CREATE TABLE shifts (id serial PRIMARY KEY, worker integer NOT NULL, starts_at timestamp NOT NULL);
--- rows
INSERT INTO shifts (worker, starts_at) SELECT i % 300, timestamp '2024-01-01' + i * interval '1 minute' FROM generate_series(1, :rows) AS i;
--- up
SET timezone = 'UTC';
SET lock_timeout = '1s';
ALTER TABLE shifts ALTER COLUMN starts_at TYPE timestamptz;
--- old
SELECT worker FROM shifts WHERE id = 5;
INSERT INTO shifts (worker, starts_at) VALUES (5, '2024-06-01 08:00');
