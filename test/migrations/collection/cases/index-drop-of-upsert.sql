-- unsafe: ON CONFLICT (email) has no unique index any more

--- schema
CREATE TABLE subscribers (id serial PRIMARY KEY, email text NOT NULL, name text);
CREATE UNIQUE INDEX subscribers_email ON subscribers (email);
CREATE UNIQUE INDEX subscribers_lower_email ON subscribers (lower(email));
--- rows
INSERT INTO subscribers (email, name) SELECT 'reader' || i || '@example.org', 'Reader' FROM generate_series(1, :rows) AS i;
--- up
DROP INDEX CONCURRENTLY subscribers_email;
--- old
SELECT id, name FROM subscribers WHERE email = 'reader4@example.org';
INSERT INTO subscribers (email, name) VALUES ('reader4@example.org', 'R. Eader')
  ON CONFLICT (email) DO UPDATE SET name = excluded.name;
