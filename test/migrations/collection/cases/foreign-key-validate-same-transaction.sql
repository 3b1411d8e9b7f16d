-- unsafe: the lock on both tables is kept while VALIDATE looks up every row

--- schema
CREATE TABLE plans (id integer PRIMARY KEY, name text);
CREATE TABLE subscriptions (id serial PRIMARY KEY, plan_id integer NOT NULL, since date NOT NULL DEFAULT current_date);
--- rows
INSERT INTO plans SELECT i, 'P' || i FROM generate_series(1, :rows) AS i;
INSERT INTO subscriptions (plan_id) SELECT 1 + i % (:rows - 1) FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_plan FOREIGN KEY (plan_id) REFERENCES plans NOT VALID;
ALTER TABLE subscriptions VALIDATE CONSTRAINT subscriptions_plan;
COMMIT;
--- old
SELECT name FROM plans WHERE id = 4;
UPDATE plans SET name = 'Gold' WHERE id = 4;
INSERT INTO subscriptions (plan_id) VALUES (4);
