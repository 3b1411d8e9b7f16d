-- unsafe: a domain with a constraint makes the table be written anew

--- schema
CREATE DOMAIN percentage AS integer CHECK (VALUE BETWEEN 0 AND 100);
CREATE TABLE jobs (id serial PRIMARY KEY, name text NOT NULL);
--- rows
INSERT INTO jobs (name) SELECT 'J' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE jobs ADD COLUMN progress percentage DEFAULT 0;
--- old
SELECT name FROM jobs WHERE id = 2;
INSERT INTO jobs (name) VALUES ('Clean up');
