-- unsafe: each value is parsed and stored anew

--- schema
CREATE TABLE webhooks (id serial PRIMARY KEY, payload text NOT NULL DEFAULT '{}', sent boolean NOT NULL DEFAULT false);
--- rows
INSERT INTO webhooks (payload) SELECT '{"order":' || i || '}' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE webhooks ALTER COLUMN payload DROP DEFAULT;
ALTER TABLE webhooks ALTER COLUMN payload TYPE jsonb USING payload::jsonb;
ALTER TABLE webhooks ALTER COLUMN payload SET DEFAULT '{}';
--- old
SELECT sent FROM webhooks WHERE id = 5;
INSERT INTO webhooks (payload) VALUES ('{"order":1}');
