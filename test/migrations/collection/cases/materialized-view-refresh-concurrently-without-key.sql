-- unsafe: without a unique index CONCURRENTLY is refused
-- rows: 100000

--- schema
CREATE TABLE scores (id serial PRIMARY KEY, player integer NOT NULL, points integer NOT NULL);
CREATE MATERIALIZED VIEW ranking AS SELECT player, sum(points) AS points FROM scores GROUP BY player;
--- rows
INSERT INTO scores (player, points) SELECT (i * 919) % 20000, i % 10 FROM generate_series(1, :rows) AS i;
REFRESH MATERIALIZED VIEW ranking;
--- up
REFRESH MATERIALIZED VIEW CONCURRENTLY ranking;
--- old
SELECT points FROM ranking LIMIT 5;
INSERT INTO scores (player, points) VALUES (5, 10);
