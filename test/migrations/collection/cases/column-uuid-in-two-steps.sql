-- safe: the column comes empty, and the default holds for new rows only

--- schema
CREATE TABLE uploads (id serial PRIMARY KEY, path text NOT NULL);
--- rows
INSERT INTO uploads (path) SELECT '/data/' || i FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '2s';
ALTER TABLE uploads ADD COLUMN public_id uuid;
ALTER TABLE uploads ALTER COLUMN public_id SET DEFAULT gen_random_uuid();
--- down
ALTER TABLE uploads DROP COLUMN public_id;
--- old
SELECT id, path FROM uploads WHERE id = 2;
INSERT INTO uploads (path) VALUES ('/data/new') RETURNING id;
