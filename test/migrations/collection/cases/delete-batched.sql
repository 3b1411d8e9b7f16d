-- safe: a procedure deletes in small transactions
-- holdout

--- schema
CREATE TABLE notifications (id serial PRIMARY KEY, account integer NOT NULL, seen boolean NOT NULL DEFAULT false);
--- rows
INSERT INTO notifications (account) SELECT i % 100 FROM generate_series(1, least(:rows, 50000)) AS i;
--- up
CREATE OR REPLACE PROCEDURE delete_notifications() LANGUAGE plpgsql AS $$
DECLARE
  deleted integer;
BEGIN
  LOOP
    DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE id < 40000 ORDER BY id LIMIT 500);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    COMMIT;
    EXIT WHEN deleted = 0;
  END LOOP;
END;
$$;
CALL delete_notifications();
DROP PROCEDURE delete_notifications();
--- old
SELECT account FROM notifications WHERE id = 1;
UPDATE notifications SET seen = true WHERE id = 1;
INSERT INTO notifications (account) VALUES (5);
