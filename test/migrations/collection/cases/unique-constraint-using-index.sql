-- safe: the index is built CONCURRENTLY and then only becomes a constraint
-- holdout

--- schema
CREATE TABLE users (id serial PRIMARY KEY, email varchar(200) NOT NULL, name text);
--- rows
INSERT INTO users (email, name) SELECT md5(i::text) || '@example.org', 'U' FROM generate_series(1, :rows) AS i;
--- up
CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);
SET lock_timeout = '2s';
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;
--- old
SELECT * FROM users WHERE id = 44;
INSERT INTO users (email, name) VALUES ('new@example.org', 'New');
UPDATE users SET name = 'Old' WHERE id = 1;
