-- unsafe: the new key's column may be NULL, which the swap finds out under its lock
-- rows: 3000000

--- schema
CREATE TABLE hits (id integer NOT NULL CONSTRAINT hits_pkey PRIMARY KEY, page integer NOT NULL, id_new bigint);
CREATE UNIQUE INDEX hits_id_new ON hits (id_new);
--- rows
INSERT INTO hits SELECT i, i % 100, i FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
SET LOCAL lock_timeout = '2s';
ALTER TABLE hits DROP CONSTRAINT hits_pkey;
ALTER TABLE hits ADD CONSTRAINT hits_pkey PRIMARY KEY USING INDEX hits_id_new;
COMMIT;
--- old
SELECT page FROM hits WHERE id = 10 LIMIT 1;
INSERT INTO hits (id, page, id_new) VALUES (0, 4, 0);
