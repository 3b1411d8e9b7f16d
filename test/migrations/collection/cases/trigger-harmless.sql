-- safe: the trigger fills a column that is new
-- holdout

--- schema
CREATE TABLE posts (id serial PRIMARY KEY, title text NOT NULL, body text);
--- rows
INSERT INTO posts (title, body) SELECT 'T' || i, 'B' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '1s';
ALTER TABLE posts ADD COLUMN slug text;
CREATE FUNCTION posts_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.slug := lower(replace(NEW.title, ' ', '-'));
  RETURN NEW;
END;
$$;
CREATE TRIGGER posts_slug BEFORE INSERT OR UPDATE OF title ON posts FOR EACH ROW EXECUTE FUNCTION posts_slug();
COMMIT;
--- down
BEGIN;
DROP TRIGGER posts_slug ON posts;
DROP FUNCTION posts_slug();
ALTER TABLE posts DROP COLUMN slug;
COMMIT;
--- old
SELECT id, title, body FROM posts WHERE id = 4;
INSERT INTO posts (title, body) VALUES ('Hello World', '...') RETURNING id;
UPDATE posts SET title = 'Bye World' WHERE id = 5;
