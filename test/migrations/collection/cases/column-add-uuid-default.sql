-- unsafe: each row gets a value of its own, so the table is written anew

--- schema
CREATE TABLE uploads (id serial PRIMARY KEY, path text NOT NULL);
--- rows
INSERT INTO uploads (path) SELECT '/data/' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE uploads ADD COLUMN public_id uuid NOT NULL DEFAULT gen_random_uuid();
--- old
SELECT id, path FROM uploads WHERE id = 2;
INSERT INTO uploads (path) VALUES ('/data/new');
