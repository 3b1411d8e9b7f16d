-- safe: LOCK TABLE is followed by nothing that takes time
-- holdout

--- schema
CREATE TABLE votes (id serial PRIMARY KEY, poll integer NOT NULL, choice integer NOT NULL);
--- rows
INSERT INTO votes (poll, choice) SELECT i % 50, i % 4 FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '2s';
LOCK TABLE votes IN ACCESS EXCLUSIVE MODE;
ALTER TABLE votes ADD COLUMN comment text;
ALTER TABLE votes ALTER COLUMN choice SET DEFAULT 0;
COMMIT;
--- old
SELECT choice FROM votes WHERE id = 5;
INSERT INTO votes (poll, choice) VALUES (1, 2);
