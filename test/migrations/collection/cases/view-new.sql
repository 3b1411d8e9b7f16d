-- safe: a view takes no lock that anybody notices

--- schema
CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL, deleted_at timestamptz);
--- rows
INSERT INTO users (name) SELECT 'U' || i FROM generate_series(1, :rows) AS i;
--- up
CREATE OR REPLACE VIEW active_users WITH (security_barrier = true) AS SELECT id, name FROM users WHERE deleted_at IS NULL;
--- down
DROP VIEW active_users;
--- old
SELECT * FROM users WHERE id = 4;
UPDATE users SET deleted_at = now() WHERE id = 3;
INSERT INTO users (name) VALUES ('Zoe');
--- new
SELECT id FROM users WHERE id = 4 AND deleted_at IS NULL;
