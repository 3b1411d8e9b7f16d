-- unsafe: the DO block builds plain indexes from strings while writes wait

--- schema
CREATE TABLE tickets (id serial PRIMARY KEY, queue integer NOT NULL, agent integer, subject text);
CREATE TABLE replies (id serial PRIMARY KEY, ticket integer NOT NULL, body text);
--- rows
INSERT INTO tickets (queue, agent, subject) SELECT i % 20, (i * 919) % 300, 'It broke' FROM generate_series(1, :rows) AS i;
INSERT INTO replies (ticket, body) SELECT i, 'Did you restart it?' FROM generate_series(1, 1000) AS i;
--- up
DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN SELECT * FROM (VALUES ('tickets', 'agent'), ('replies', 'ticket')) AS w (tab, col) LOOP
    EXECUTE format('CREATE INDEX %I ON %I (%I)', wanted.tab || '_' || wanted.col, wanted.tab, wanted.col);
  END LOOP;
END $$;
--- old
SELECT id, subject FROM tickets WHERE id < 20;
INSERT INTO tickets (queue, subject) VALUES (2, 'Printer on fire');
INSERT INTO replies (ticket, body) VALUES (2, 'Use the extinguisher');
UPDATE tickets SET agent = 4 WHERE id = 2;
