-- safe: readers see the old rows until the new ones are there
-- rows: 150000

--- schema
CREATE TABLE scores (id serial PRIMARY KEY, player integer NOT NULL, points integer NOT NULL);
CREATE MATERIALIZED VIEW ranking AS SELECT player, sum(points) AS points FROM scores GROUP BY player;
CREATE UNIQUE INDEX ranking_player ON ranking (player);
--- rows
INSERT INTO scores (player, points) SELECT (i * 919) % 20000, i % 10 FROM generate_series(1, :rows) AS i;
REFRESH MATERIALIZED VIEW ranking;
--- up
REFRESH MATERIALIZED VIEW CONCURRENTLY ranking;
--- old
SELECT * FROM ranking WHERE player = 5;
INSERT INTO scores (player, points) VALUES (5, 10);
