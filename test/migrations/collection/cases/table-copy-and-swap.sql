-- unsafe: the table is locked while it is copied
-- holdout

--- schema
CREATE TABLE votes (id serial PRIMARY KEY, poll integer NOT NULL, choice integer NOT NULL);
--- rows
INSERT INTO votes (poll, choice) SELECT i % 50, i % 4 FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
LOCK TABLE votes IN ACCESS EXCLUSIVE MODE;
CREATE TABLE votes_new (LIKE votes INCLUDING ALL);
INSERT INTO votes_new SELECT * FROM votes;
ALTER TABLE votes RENAME TO votes_old;
ALTER TABLE votes_new RENAME TO votes;
COMMIT;
--- old
SELECT choice FROM votes WHERE id = 5;
INSERT INTO votes (poll, choice) VALUES (1, 2);
