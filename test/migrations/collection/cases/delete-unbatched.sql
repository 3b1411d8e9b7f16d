-- unsafe: the rows stay locked until all of them are deleted

--- schema
CREATE TABLE notifications (id serial PRIMARY KEY, account integer NOT NULL, seen boolean NOT NULL DEFAULT false, sent_at date NOT NULL);
--- rows
INSERT INTO notifications (account, sent_at) SELECT i % 100, date '2019-01-01' FROM generate_series(1, :rows) AS i;
--- up
DELETE FROM notifications WHERE sent_at < '2020-01-01';
--- old
SELECT account FROM notifications WHERE id = 1;
UPDATE notifications SET seen = true WHERE id = 1;
