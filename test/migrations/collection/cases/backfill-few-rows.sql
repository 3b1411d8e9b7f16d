-- safe: the rows are few whatever the size of the table, and an index finds them
-- holdout

--- schema
CREATE TABLE members (id serial PRIMARY KEY, email text NOT NULL, role text NOT NULL DEFAULT 'user');
CREATE INDEX members_role ON members (role);
INSERT INTO members (email, role) VALUES ('root@example.org', 'superadmin'), ('adm@example.org', 'superadmin');
--- rows
INSERT INTO members (email) SELECT 'm' || i || '@example.org' FROM generate_series(1, :rows) AS i;
--- up
UPDATE members SET role = 'admin' WHERE id IN (1, 2);
--- old
SELECT email, role FROM members WHERE id = 3;
UPDATE members SET role = 'user' WHERE id = 1;
INSERT INTO members (email) VALUES ('new@example.org');
