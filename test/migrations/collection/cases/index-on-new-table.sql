-- safe: the table is made by the same migration, so nobody knows it

--- schema
CREATE TABLE accounts (id serial PRIMARY KEY, email text NOT NULL UNIQUE);
--- rows
INSERT INTO accounts (email) SELECT 'user' || i || '@example.org' FROM generate_series(1, :rows) AS i;
--- up
BEGIN;
CREATE TABLE login_attempts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_email text NOT NULL,
  succeeded boolean NOT NULL,
  tried_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_attempts_account ON login_attempts (account_email, tried_at);
COMMENT ON TABLE login_attempts IS 'One row a try, kept for 90 days';
COMMIT;
--- down
DROP TABLE login_attempts;
--- old
SELECT * FROM accounts WHERE email = 'user12@example.org';
INSERT INTO accounts (email) VALUES ('somebody@example.org') RETURNING *;
UPDATE accounts SET email = 'renamed@example.org' WHERE id = 2;
