-- safe: a constant default is stored once, not in each row

--- schema
CREATE TABLE articles (id serial PRIMARY KEY, title text NOT NULL, body text);
--- rows
INSERT INTO articles (title, body) SELECT 'T' || i, 'Lorem' FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '2s';
ALTER TABLE articles
  ADD COLUMN language text NOT NULL DEFAULT 'de',
  ADD COLUMN pinned boolean NOT NULL DEFAULT false,
  ADD COLUMN imported_at timestamptz NOT NULL DEFAULT now();
--- old
SELECT id, title, body FROM articles WHERE id = 10;
INSERT INTO articles (title, body) VALUES ('New', 'Ipsum');
UPDATE articles SET body = 'Dolor' WHERE id = 10;
