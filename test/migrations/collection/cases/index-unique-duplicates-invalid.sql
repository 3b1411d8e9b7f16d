-- unsafe: two rows are equal, so CONCURRENTLY fails and leaves an INVALID index behind

--- schema
CREATE TABLE members (id serial PRIMARY KEY, email text NOT NULL);
INSERT INTO members (email) VALUES ('twice@example.org'), ('twice@example.org'), ('once@example.org');
--- rows
INSERT INTO members (email) SELECT 'm' || i || '@example.org' FROM generate_series(1, :rows) AS i;
--- up
CREATE UNIQUE INDEX CONCURRENTLY members_email ON members (email);
--- old
SELECT id, email FROM members WHERE id = 3;
INSERT INTO members (email) VALUES ('new@example.org');
