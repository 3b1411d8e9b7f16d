-- unsafe: without a policy the application's role may write nothing
-- as: app

--- schema
DO $$ BEGIN CREATE ROLE app NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE letters (id serial PRIMARY KEY, owner text NOT NULL, text text);
GRANT SELECT, INSERT, UPDATE, DELETE ON letters TO app;
GRANT USAGE ON SEQUENCE letters_id_seq TO app;
--- rows
INSERT INTO letters (owner, text) SELECT 'o' || i, 'Dear' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE letters ENABLE ROW LEVEL SECURITY;
--- old
SELECT text FROM letters WHERE id = 4;
INSERT INTO letters (owner, text) VALUES ('me', 'Dear you');
