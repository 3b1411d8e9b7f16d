-- unsafe: VACUUM is refused inside of a transaction

--- schema
CREATE TABLE drafts (id serial PRIMARY KEY, text text NOT NULL);
--- rows
INSERT INTO drafts (text) SELECT 'Draft ' || i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
DELETE FROM drafts WHERE id < 0;
VACUUM drafts;
COMMIT;
--- old
SELECT text FROM drafts WHERE id = 5;
INSERT INTO drafts (text) VALUES ('Dear');
