-- safe: a copy only reads

--- schema
CREATE TABLE votes (id serial PRIMARY KEY, poll integer NOT NULL, choice integer NOT NULL);
--- rows
INSERT INTO votes (poll, choice) SELECT i % 50, i % 4 FROM generate_series(1, :rows) AS i;
--- up
CREATE TABLE votes_archive AS SELECT * FROM votes WHERE poll < 25;
CREATE INDEX votes_archive_poll ON votes_archive (poll);
--- old
SELECT * FROM votes WHERE id = 5;
INSERT INTO votes (poll, choice) VALUES (1, 2);
UPDATE votes SET choice = 3 WHERE id = 1;
