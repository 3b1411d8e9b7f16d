-- unsafe: writes to both tables wait while every row is looked up

--- schema
CREATE TABLE authors (id integer PRIMARY KEY, name text);
CREATE TABLE books (id serial PRIMARY KEY, author_id integer NOT NULL, title text NOT NULL);
--- rows
INSERT INTO authors SELECT i, 'A' || i FROM generate_series(1, :rows) AS i;
INSERT INTO books (author_id, title) SELECT 1 + i % (:rows - 1), 'B' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE books ADD CONSTRAINT books_author FOREIGN KEY (author_id) REFERENCES authors (id);
--- old
SELECT b.title, a.name FROM books b JOIN authors a ON a.id = b.author_id WHERE b.id = 4;
INSERT INTO books (author_id, title) VALUES (3, 'New');
UPDATE authors SET name = 'N. N.' WHERE id = 9;
