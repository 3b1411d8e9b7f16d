-- unsafe: REINDEX keeps writes waiting, and reads that could use the index
-- rows: 500000
-- holdout

--- schema
CREATE TABLE documents (id serial PRIMARY KEY, owner integer NOT NULL, title text NOT NULL);
CREATE INDEX documents_owner ON documents (owner);
CREATE INDEX documents_title ON documents (title);
--- rows
INSERT INTO documents (owner, title) SELECT (i * 919) % 500, md5(i::text) FROM generate_series(1, :rows) AS i;
--- up
REINDEX TABLE documents;
--- old
SELECT title FROM documents WHERE id = 3;
SELECT id FROM documents WHERE owner = 3 LIMIT 10;
INSERT INTO documents (owner, title) VALUES (1, 'Minutes');
