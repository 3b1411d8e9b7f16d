-- safe: a new one only reads
-- holdout

--- schema
CREATE TABLE scores (id serial PRIMARY KEY, player integer NOT NULL, points integer NOT NULL);
--- rows
INSERT INTO scores (player, points) SELECT (i * 919) % 1000, i % 10 FROM generate_series(1, :rows) AS i;
--- up
CREATE MATERIALIZED VIEW ranking AS SELECT player, sum(points) AS points FROM scores GROUP BY player;
CREATE UNIQUE INDEX ranking_player ON ranking (player);
--- old
SELECT * FROM scores WHERE id = 6;
INSERT INTO scores (player, points) VALUES (5, 10);
