-- unsafe: writes wait while the table is summed up
-- rows: 2000000
-- holdout

--- schema
CREATE TABLE votes (id serial PRIMARY KEY, poll integer NOT NULL, choice integer NOT NULL);
--- rows
INSERT INTO votes (poll, choice) SELECT i % 50, i % 4 FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
LOCK TABLE votes IN SHARE MODE;
CREATE TABLE results AS SELECT poll, choice, count(*) AS votes FROM votes GROUP BY poll, choice;
COMMIT;
--- old
SELECT choice FROM votes WHERE id = 5;
INSERT INTO votes (poll, choice) VALUES (1, 2);
