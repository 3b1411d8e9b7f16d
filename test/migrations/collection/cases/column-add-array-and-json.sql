-- safe: constant defaults, whatever their type
-- holdout

--- schema
CREATE TABLE recipes (id serial PRIMARY KEY, title text NOT NULL);
--- rows
INSERT INTO recipes (title) SELECT 'R' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE recipes
  ADD COLUMN IF NOT EXISTS tags text[] NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS extra jsonb NOT NULL DEFAULT '{"vegan": false}'::jsonb,
  ADD COLUMN IF NOT EXISTS valid_until date DEFAULT (CURRENT_DATE + 30);
--- old
SELECT id, title FROM recipes WHERE id = 3;
INSERT INTO recipes (title) VALUES ('Soup');
UPDATE recipes SET title = 'Stew' WHERE id = 5;
