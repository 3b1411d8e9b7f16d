-- safe: the policy that comes with it allows all that was allowed
-- as: app

--- schema
DO $$ BEGIN CREATE ROLE app NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE letters (id serial PRIMARY KEY, owner text NOT NULL, text text);
GRANT SELECT, INSERT, UPDATE, DELETE ON letters TO app;
GRANT USAGE ON SEQUENCE letters_id_seq TO app;
--- rows
INSERT INTO letters (owner, text) SELECT 'o' || i, 'Dear' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '2s';
CREATE POLICY letters_app ON letters FOR ALL TO app USING (true) WITH CHECK (true);
ALTER TABLE letters ENABLE ROW LEVEL SECURITY;
COMMIT;
--- old
SELECT text FROM letters WHERE id = 4;
INSERT INTO letters (owner, text) VALUES ('me', 'Dear you');
UPDATE letters SET text = 'Hi' WHERE id = 5;
