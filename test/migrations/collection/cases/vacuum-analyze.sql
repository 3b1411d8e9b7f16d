-- safe: it lets everybody pass

--- schema
CREATE TABLE drafts (id serial PRIMARY KEY, text text NOT NULL);
--- rows
INSERT INTO drafts (text) SELECT 'Draft ' || i FROM generate_series(1, :rows) AS i;
--- up
VACUUM (ANALYZE) drafts;
--- old
SELECT * FROM drafts WHERE id = 5;
INSERT INTO drafts (text) VALUES ('Dear');
UPDATE drafts SET text = 'Hi' WHERE id = 1;
