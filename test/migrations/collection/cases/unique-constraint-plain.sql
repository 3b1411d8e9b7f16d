-- unsafe: the constraint builds its index while reads and writes wait

--- schema
CREATE TABLE users (id serial PRIMARY KEY, email varchar(200) NOT NULL, name text);
--- rows
INSERT INTO users (email, name) SELECT md5(i::text) || '@example.org', 'U' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
--- old
SELECT id, name FROM users WHERE id = 44;
INSERT INTO users (email, name) VALUES ('new@example.org', 'New');
