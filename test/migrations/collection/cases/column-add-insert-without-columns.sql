-- safe: an INSERT that names no columns fills the first ones, and the new one is nullable

--- schema
CREATE TABLE log_lines (at timestamptz, level text, line text);
--- rows
INSERT INTO log_lines SELECT now(), 'info', 'started' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE log_lines ADD COLUMN host text, ADD COLUMN repeated integer DEFAULT 1;
--- old
SELECT level, line FROM log_lines LIMIT 20;
INSERT INTO log_lines VALUES (now(), 'warn', 'slow');
