-- safe: fewer rules, and the lock is held for a moment
-- holdout

--- schema
CREATE TABLE tasks (
  id serial PRIMARY KEY,
  title text NOT NULL CONSTRAINT tasks_title_length CHECK (length(title) < 80),
  state text NOT NULL
);
--- rows
INSERT INTO tasks (title, state) SELECT 'Task ' || i, 'open' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE tasks DROP CONSTRAINT IF EXISTS tasks_title_length;
--- old
SELECT * FROM tasks WHERE id = 8;
INSERT INTO tasks (title, state) VALUES ('Write it down', 'open');
