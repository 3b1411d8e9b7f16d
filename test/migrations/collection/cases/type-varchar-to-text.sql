-- safe: nothing is written anew, and no old query selects the column as it is

--- schema
CREATE TABLE comments (id bigserial PRIMARY KEY, post integer NOT NULL, body varchar(500) NOT NULL);
--- rows
INSERT INTO comments (post, body) SELECT i % 100, 'Nice ' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
ALTER TABLE comments ALTER COLUMN body SET DATA TYPE text;
--- old
SELECT id, left(body, 20) AS start FROM comments WHERE id BETWEEN 5 AND 8;
INSERT INTO comments (post, body) VALUES (5, 'First!');
UPDATE comments SET body = 'edited' WHERE id = 3;
