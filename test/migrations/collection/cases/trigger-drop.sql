-- safe: the trigger only kept a column that nobody reads

--- schema
CREATE TABLE pages (id serial PRIMARY KEY, body text NOT NULL, touched timestamptz);
CREATE FUNCTION pages_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.touched := now();
  RETURN NEW;
END;
$$;
CREATE TRIGGER pages_touch BEFORE UPDATE ON pages FOR EACH ROW EXECUTE FUNCTION pages_touch();
--- rows
INSERT INTO pages (body) SELECT 'B' || i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '2s';
DROP TRIGGER IF EXISTS pages_touch ON pages;
DROP FUNCTION IF EXISTS pages_touch();
COMMIT;
--- old
SELECT id, body FROM pages WHERE id = 3;
UPDATE pages SET body = 'C' WHERE id = 3;
INSERT INTO pages (body) VALUES ('D');
