-- unsafe: the lock of TRUNCATE is kept while the table is filled again

--- schema
CREATE TABLE searches (id serial PRIMARY KEY, word text NOT NULL);
CREATE TABLE suggestions (word text NOT NULL, weight integer NOT NULL);
--- rows
INSERT INTO searches (word) SELECT 'word ' || i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
TRUNCATE suggestions;
INSERT INTO suggestions SELECT word, length(word) FROM searches;
COMMIT;
--- old
SELECT word FROM suggestions LIMIT 5;
INSERT INTO searches (word) VALUES ('shoes');
