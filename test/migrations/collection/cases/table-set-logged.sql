-- unsafe: the table is written anew while everybody waits
-- holdout

--- schema
CREATE UNLOGGED TABLE carts (id serial PRIMARY KEY, content text);
--- rows
INSERT INTO carts (content) SELECT 'thing ' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE carts SET LOGGED;
--- old
SELECT content FROM carts WHERE id = 5;
INSERT INTO carts (content) VALUES ('shoes');
