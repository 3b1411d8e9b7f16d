-- unsafe: the table is written anew while everybody waits

--- schema
CREATE TABLE drafts (id serial PRIMARY KEY, text text NOT NULL);
--- rows
INSERT INTO drafts (text) SELECT 'Draft ' || i FROM generate_series(1, :rows) AS i;
--- up
VACUUM FULL drafts;
--- old
SELECT text FROM drafts WHERE id = 5;
INSERT INTO drafts (text) VALUES ('Dear');
