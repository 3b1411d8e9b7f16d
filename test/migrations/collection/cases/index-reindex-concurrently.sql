-- safe: REINDEX CONCURRENTLY lets everybody pass

--- schema
CREATE TABLE documents (id serial PRIMARY KEY, owner integer NOT NULL, title text NOT NULL);
CREATE INDEX documents_title ON documents (title);
--- rows
INSERT INTO documents (owner, title) SELECT (i * 919) % 500, md5(i::text) FROM generate_series(1, :rows) AS i;
--- up
REINDEX INDEX CONCURRENTLY documents_title;
--- old
SELECT title FROM documents WHERE id = 3;
INSERT INTO documents (owner, title) VALUES (1, 'Minutes');
UPDATE documents SET title = 'Minutes 2' WHERE id = 4;
