-- safe: nothing of this keeps reads or writes waiting

--- schema
CREATE TABLE queue (id bigserial PRIMARY KEY, job text NOT NULL, tries integer NOT NULL DEFAULT 0);
--- rows
INSERT INTO queue (job) SELECT 'job ' || i FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE queue SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE queue ALTER COLUMN job SET STATISTICS 500;
CREATE STATISTICS queue_job_tries (dependencies) ON job, tries FROM queue;
ANALYZE queue;
COMMENT ON COLUMN queue.tries IS 'Given up after 5';
--- old
SELECT * FROM queue WHERE id = 5;
UPDATE queue SET tries = tries + 1 WHERE id = 1;
INSERT INTO queue (job) VALUES ('mail');
