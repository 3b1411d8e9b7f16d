-- unsafe: the old release stores 0 where there is no parent

--- schema
CREATE TABLE categories (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE articles (id serial PRIMARY KEY, category_id integer NOT NULL, title text NOT NULL);
INSERT INTO categories (name) VALUES ('News'), ('Sport');
--- rows
INSERT INTO articles (category_id, title) SELECT 1 + i % 2, 'T' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE articles ADD CONSTRAINT articles_category FOREIGN KEY (category_id) REFERENCES categories (id) NOT VALID;
--- old
SELECT a.title, c.name FROM articles a LEFT JOIN categories c ON c.id = a.category_id WHERE a.id = 5;
INSERT INTO articles (category_id, title) VALUES (0, 'Draft');
