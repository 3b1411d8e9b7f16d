-- unsafe: the old release still writes values that the constraint forbids

--- schema
CREATE TABLE tasks (id serial PRIMARY KEY, title text NOT NULL, state text NOT NULL DEFAULT 'todo');
--- rows
INSERT INTO tasks (title, state) SELECT 'Task ' || i, 'open' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE tasks ADD CONSTRAINT tasks_state CHECK (state IN ('open', 'done', 'dropped')) NOT VALID;
--- old
SELECT title FROM tasks WHERE id = 8;
INSERT INTO tasks (title) VALUES ('Write it down');
UPDATE tasks SET state = 'done' WHERE id = 8;
