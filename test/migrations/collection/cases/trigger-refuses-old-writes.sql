-- unsafe: the trigger demands what the old release does not send
-- holdout

--- schema
CREATE TABLE posts (id serial PRIMARY KEY, title text NOT NULL, body text, author_id integer);
--- rows
INSERT INTO posts (title, body, author_id) SELECT 'T' || i, 'B', 1 FROM generate_series(1, :rows) AS i;
--- up
CREATE FUNCTION posts_author() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.author_id IS NULL THEN
    RAISE EXCEPTION 'a post needs an author';
  END IF;
  RETURN NEW;
END;
$$;
CREATE TRIGGER posts_author BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION posts_author();
--- old
SELECT title FROM posts WHERE id = 4;
INSERT INTO posts (title, body) VALUES ('Anonymous', '...');
