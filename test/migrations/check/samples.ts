import type { MigrationSeverity } from '../../../src/model/migrations.js';
import type { Options } from './checked.js';

/** SQL, or SQL with how it is checked; `severity` is what the rule usually says without it. */
export type Sample = string | ({ sql: string; severity?: MigrationSeverity } & Options);

const AS_WARNING = { severity: 'warning' } as const;
const AS_NOTE = { severity: 'note' } as const;
const PER_FILE = { transaction: 'per-file' } as const;

/** Of each rule: what it finds, and what looks alike and is left alone. */
export const SAMPLES: Readonly<Record<string, { fires: readonly Sample[]; silent: readonly Sample[] }>> = {
  'drop-column': {
    fires: ['ALTER TABLE t DROP COLUMN a', 'ALTER TABLE t ADD b int, DROP COLUMN IF EXISTS a CASCADE'],
    silent: ['ALTER TABLE t DROP CONSTRAINT a', 'ALTER TABLE t ALTER COLUMN a DROP DEFAULT'],
  },
  'drop-table': {
    fires: [
      'DROP TABLE a, b',
      'DROP VIEW v',
      'DROP MATERIALIZED VIEW v',
      'DROP VIEW v; CREATE VIEW v AS SELECT 1 AS a',
      { sql: 'BEGIN; DROP VIEW v; CREATE VIEW v AS SELECT 1 AS a; COMMIT', ...AS_WARNING },
      {
        sql: 'DROP TABLE p1',
        schema: 'CREATE TABLE p (d date) PARTITION BY RANGE (d); CREATE TABLE p1 PARTITION OF p DEFAULT',
        ...AS_WARNING,
      },
    ],
    silent: [
      'DROP INDEX CONCURRENTLY i',
      'BEGIN; DROP VIEW v; CREATE VIEW v AS SELECT 1 AS a; COMMIT',
      'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY; DROP TABLE p1',
    ],
  },
  'drop-object': {
    fires: [
      'DROP FUNCTION f(int)',
      'DROP TYPE mood',
      'DROP SEQUENCE s',
      'DROP SCHEMA old CASCADE',
      'DROP EXTENSION hstore',
      'DROP DATABASE shop',
    ],
    silent: [
      "CREATE TYPE mood AS ENUM ('sad'); DROP TYPE mood",
      'BEGIN; DROP FUNCTION f(int); CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; COMMIT',
      {
        sql: 'DROP FUNCTION touch()',
        schema: "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
      },
      'CREATE PROCEDURE p() LANGUAGE sql AS $$ SELECT 1 $$; DROP PROCEDURE p()',
    ],
  },
  truncate: { fires: ['TRUNCATE t', 'TRUNCATE a, b CASCADE'], silent: ['DELETE FROM t WHERE id = 1'] },
  rename: {
    fires: [
      'ALTER TABLE t RENAME COLUMN a TO b',
      'ALTER TABLE t RENAME TO u',
      'ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT * FROM u',
      'ALTER VIEW v RENAME TO w',
      'ALTER TYPE mood RENAME TO feeling',
      'ALTER FUNCTION f(int) RENAME TO g',
      'ALTER SCHEMA a RENAME TO b',
      { sql: 'ALTER SEQUENCE s RENAME TO z', ...AS_WARNING },
      { sql: 'ALTER TABLE t RENAME CONSTRAINT a TO b', ...AS_NOTE },
    ],
    silent: [
      'ALTER INDEX i RENAME TO j',
      'BEGIN; ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT * FROM u; COMMIT',
      'BEGIN; CREATE TABLE t_next (id int); ALTER TABLE t RENAME TO t_old; ALTER TABLE t_next RENAME TO t; COMMIT',
      "CREATE TYPE mood AS ENUM ('sad'); ALTER TYPE mood RENAME TO feeling",
    ],
  },
  'move-schema': {
    fires: [
      'ALTER TABLE t SET SCHEMA archive',
      'ALTER TYPE mood SET SCHEMA archive',
      'ALTER FUNCTION f(int) SET SCHEMA archive',
    ],
    silent: [
      'BEGIN; ALTER TABLE t SET SCHEMA archive; CREATE VIEW t AS SELECT * FROM archive.t; COMMIT',
      'ALTER EXTENSION hstore SET SCHEMA ext',
    ],
  },
  'enum-value': {
    fires: [
      "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
      { sql: "BEGIN; ALTER TYPE mood ADD VALUE 'x'; COMMIT", postgres: 11 },
      "BEGIN; ALTER TYPE mood ADD VALUE 'x'; INSERT INTO t VALUES ('x'); COMMIT",
    ],
    silent: [
      "ALTER TYPE mood ADD VALUE 'x'",
      "BEGIN; ALTER TYPE mood ADD VALUE 'x'; COMMIT",
      "ALTER TYPE mood ADD VALUE 'x'; INSERT INTO t VALUES ('x')",
    ],
  },
  revoke: {
    fires: [
      'REVOKE SELECT ON t FROM app',
      'REVOKE ALL ON t FROM app',
      'ALTER ROLE app NOLOGIN',
      'DROP ROLE app',
      { sql: "ALTER ROLE app PASSWORD 'x'", ...AS_WARNING },
      { sql: 'REVOKE ALL ON t FROM PUBLIC', ...AS_WARNING },
      { sql: 'REVOKE admins FROM app', ...AS_WARNING },
      { sql: 'ALTER TABLE t OWNER TO other', ...AS_WARNING },
    ],
    silent: [
      'ALTER ROLE app LOGIN',
      "ALTER ROLE app SET lock_timeout = '1s'",
      'GRANT SELECT ON t TO app',
      'REVOKE TRUNCATE ON t FROM app',
      'REVOKE ALL ON t FROM PUBLIC',
    ],
  },
  'row-security': {
    fires: [
      'ALTER TABLE t ENABLE ROW LEVEL SECURITY',
      'DROP POLICY p ON t',
      { sql: 'CREATE POLICY p ON t AS RESTRICTIVE USING (true)', ...AS_WARNING },
      'ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (true)',
      { sql: 'CREATE POLICY p ON t USING (true); ALTER TABLE t ENABLE ROW LEVEL SECURITY', ...AS_WARNING },
    ],
    silent: [
      'ALTER TABLE t DISABLE ROW LEVEL SECURITY',
      'BEGIN; DROP POLICY p ON t; CREATE POLICY p ON t USING (true); COMMIT',
      'BEGIN; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (true); COMMIT',
    ],
  },
  'required-column': {
    fires: ['ALTER TABLE t ADD COLUMN a int NOT NULL', 'ALTER TABLE t ADD COLUMN a int PRIMARY KEY'],
    silent: [
      'ALTER TABLE t ADD COLUMN a int',
      'ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 0',
      'ALTER TABLE t ADD COLUMN a int NOT NULL GENERATED ALWAYS AS IDENTITY',
      'ALTER TABLE t ADD COLUMN a bigserial NOT NULL',
      'ALTER TABLE t ADD COLUMN a int NOT NULL GENERATED ALWAYS AS (b + 1) STORED',
    ],
  },
  'drop-default': {
    fires: [
      'ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 0; ALTER TABLE t ALTER COLUMN a DROP DEFAULT',
      { sql: 'ALTER TABLE t ALTER COLUMN a DROP DEFAULT', schema: 'CREATE TABLE t (a int NOT NULL DEFAULT 0)' },
      'ALTER TABLE t ALTER COLUMN a DROP IDENTITY',
      { sql: 'ALTER TABLE t ALTER COLUMN a DROP DEFAULT', ...AS_WARNING },
      { sql: 'ALTER TABLE t ALTER COLUMN a DROP EXPRESSION', ...AS_WARNING },
      { sql: 'ALTER TABLE t ADD COLUMN a int DEFAULT 0; ALTER TABLE t ALTER COLUMN a DROP DEFAULT', ...AS_NOTE },
    ],
    silent: [
      'ALTER TABLE t ALTER COLUMN a SET DEFAULT 0',
      'ALTER TABLE t ADD COLUMN a int DEFAULT 0; ALTER TABLE t ALTER COLUMN a DROP DEFAULT',
      'ALTER TABLE t ALTER COLUMN a DROP DEFAULT',
    ],
  },
  'old-writes-violate': {
    fires: [
      'ALTER TABLE t ADD COLUMN a int; ALTER TABLE t ALTER COLUMN a SET NOT NULL',
      'ALTER TABLE t ADD COLUMN a int; ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID',
      { sql: 'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID', ...AS_WARNING },
      { sql: 'ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u NOT VALID', ...AS_NOTE },
    ],
    silent: [
      'ALTER TABLE t ADD COLUMN a int DEFAULT 0; ALTER TABLE t ALTER COLUMN a SET NOT NULL',
      'ALTER TABLE t ALTER COLUMN a SET NOT NULL',
      { sql: 'ALTER TABLE t ADD COLUMN a int; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID', ...AS_WARNING },
    ],
  },
  'unique-dropped': {
    fires: [
      'ALTER TABLE t DROP CONSTRAINT t_email_key',
      {
        sql: 'DROP INDEX CONCURRENTLY by_email',
        schema: 'CREATE TABLE t (email text); CREATE UNIQUE INDEX by_email ON t (email)',
      },
      {
        sql: 'ALTER TABLE t DROP CONSTRAINT odd_name',
        schema: 'CREATE TABLE t (email text CONSTRAINT odd_name UNIQUE)',
      },
    ],
    silent: [
      'ALTER TABLE t DROP CONSTRAINT t_amount_check',
      {
        sql: 'DROP INDEX CONCURRENTLY by_email',
        schema: 'CREATE TABLE t (email text); CREATE INDEX by_email ON t (email)',
      },
      {
        sql: 'CREATE UNIQUE INDEX CONCURRENTLY other ON t (email); DROP INDEX CONCURRENTLY by_email',
        schema: 'CREATE TABLE t (email text); CREATE UNIQUE INDEX by_email ON t (email)',
      },
    ],
  },
  'drop-not-null': {
    fires: ['ALTER TABLE t ALTER COLUMN a DROP NOT NULL'],
    silent: ['ALTER TABLE t ALTER COLUMN a DROP DEFAULT'],
  },
  identity: {
    fires: [
      'ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY',
      'ALTER TABLE t ALTER COLUMN a ADD GENERATED BY DEFAULT AS IDENTITY',
      'ALTER TABLE t ALTER COLUMN a SET GENERATED ALWAYS',
    ],
    silent: ['ALTER TABLE t ALTER COLUMN a SET GENERATED BY DEFAULT', 'ALTER TABLE t ALTER COLUMN a SET DEFAULT 1'],
  },
  'sequence-restart': {
    fires: ['ALTER SEQUENCE s RESTART', { sql: 'ALTER SEQUENCE s RESTART WITH 5', ...AS_WARNING }],
    silent: ['ALTER SEQUENCE s INCREMENT 2', 'CREATE SEQUENCE s; ALTER SEQUENCE s RESTART'],
  },
  'prepared-select-star': {
    fires: ['ALTER TABLE t ADD COLUMN a int'],
    silent: ['ALTER TABLE t ALTER COLUMN a SET DEFAULT 1'],
  },
  trigger: {
    fires: [
      'CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()',
      { sql: 'ALTER TABLE t DISABLE TRIGGER ALL', ...AS_WARNING },
    ],
    silent: ['DROP TRIGGER x ON t', { sql: 'ALTER TABLE t ENABLE TRIGGER x', ...AS_WARNING }],
  },
  'column-rewrites-table': {
    fires: [
      'ALTER TABLE t ADD COLUMN a bigserial',
      'ALTER TABLE t ADD COLUMN a int GENERATED BY DEFAULT AS IDENTITY',
      'ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) STORED',
      'ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()',
      "ALTER TABLE t ADD COLUMN a text DEFAULT 'x' || random()::text",
      'ALTER TABLE t ADD COLUMN a int DEFAULT own_function()',
      { sql: 'ALTER TABLE t ADD COLUMN a int DEFAULT 1', postgres: 10 },
      { sql: 'ALTER TABLE t ADD COLUMN a positive', schema: 'CREATE DOMAIN positive AS int CHECK (VALUE > 0)' },
      { sql: 'ALTER TABLE t ALTER COLUMN a SET EXPRESSION AS (b + 2)', postgres: 17 },
    ],
    silent: [
      'ALTER TABLE t ADD COLUMN a int DEFAULT 1',
      'ALTER TABLE t ADD COLUMN a timestamptz NOT NULL DEFAULT now()',
      'ALTER TABLE t ADD COLUMN a date DEFAULT CURRENT_DATE',
      "ALTER TABLE t ADD COLUMN a jsonb DEFAULT '{}'::jsonb",
      'ALTER TABLE t ADD COLUMN a text[] DEFAULT ARRAY[]::text[]',
      { sql: 'ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) VIRTUAL', postgres: 18 },
      'CREATE FUNCTION one() RETURNS int IMMUTABLE LANGUAGE sql AS $$ SELECT 1 $$; ALTER TABLE t ADD COLUMN a int DEFAULT one()',
      { sql: 'ALTER TABLE t ADD COLUMN a plain', schema: 'CREATE DOMAIN plain AS int' },
      'ALTER TABLE t ALTER COLUMN a SET DEFAULT gen_random_uuid()',
    ],
  },
  'change-column-type': {
    fires: [
      'ALTER TABLE t ALTER COLUMN a TYPE bigint',
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE bigint', schema: 'CREATE TABLE t (a int)' },
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE varchar(5)', schema: 'CREATE TABLE t (a varchar(10))' },
      "ALTER TABLE t ALTER COLUMN a TYPE timestamptz USING a AT TIME ZONE 'UTC'",
      "SET timezone = 'Europe/Berlin'; ALTER TABLE t ALTER COLUMN a TYPE timestamptz",
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE timestamptz', postgres: 11 },
      {
        sql: 'ALTER TABLE t ALTER COLUMN a TYPE text COLLATE "C"',
        schema: 'CREATE TABLE t (a text); CREATE INDEX ON t (a)',
      },
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE timestamptz', ...AS_WARNING },
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE text', ...AS_WARNING },
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE varchar(50)', ...AS_WARNING },
    ],
    silent: [
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE varchar(50)', schema: 'CREATE TABLE t (a varchar(10))' },
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE text USING a::text', schema: 'CREATE TABLE t (a varchar(10))' },
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE numeric(12,2)', schema: 'CREATE TABLE t (a numeric(10,2))' },
      {
        sql: "SET timezone = 'UTC'; ALTER TABLE t ALTER COLUMN a TYPE timestamptz",
        schema: 'CREATE TABLE t (a timestamp)',
      },
      { sql: 'ALTER TABLE t ALTER COLUMN a TYPE text COLLATE "C"', schema: 'CREATE TABLE t (a text)' },
      'ALTER TABLE t ALTER COLUMN a TYPE text',
    ],
  },
  'rewrite-table': {
    fires: [
      'VACUUM FULL t',
      'VACUUM (FULL, ANALYZE) t',
      'VACUUM FULL',
      'CLUSTER t USING i',
      'ALTER TABLE t SET UNLOGGED',
      'ALTER TABLE t SET LOGGED',
      'ALTER TABLE t SET TABLESPACE fast',
    ],
    silent: ['VACUUM t', 'VACUUM (FULL false) t', 'ALTER TABLE t CLUSTER ON i', 'ALTER TABLE t SET (fillfactor = 80)'],
  },
  'set-not-null': {
    fires: [
      'ALTER TABLE t ALTER COLUMN a SET NOT NULL',
      {
        sql: 'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t ALTER COLUMN a SET NOT NULL',
        postgres: 11,
      },
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID; ALTER TABLE t ALTER COLUMN a SET NOT NULL',
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL OR b) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t ALTER COLUMN a SET NOT NULL',
      { sql: 'ALTER TABLE t ADD CONSTRAINT c NOT NULL a', postgres: 18 },
    ],
    silent: [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t ALTER COLUMN a SET NOT NULL',
      {
        sql: 'ALTER TABLE t ALTER COLUMN a SET NOT NULL',
        schema: 'CREATE TABLE t (a int CHECK (a IS NOT NULL AND a > 0))',
      },
      { sql: 'ALTER TABLE t ADD CONSTRAINT c NOT NULL a NOT VALID', postgres: 18 },
    ],
  },
  'check-scan': {
    fires: ['ALTER TABLE t ADD CHECK (a > 0)', 'ALTER TABLE t ADD COLUMN a int CHECK (a > 0)'],
    silent: [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID',
      'ALTER TABLE t VALIDATE CONSTRAINT c',
      { sql: 'ALTER TABLE t ADD CHECK (a > 0) NOT ENFORCED', postgres: 18 },
    ],
  },
  'foreign-key-scan': {
    fires: ['ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u', 'ALTER TABLE t ADD COLUMN a int DEFAULT 1 REFERENCES u'],
    silent: [
      'ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u NOT VALID',
      'ALTER TABLE t ADD COLUMN a int REFERENCES u',
      'CREATE TABLE n (a int REFERENCES u)',
    ],
  },
  'domain-constraint': {
    fires: [
      'ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0)',
      'ALTER DOMAIN d SET NOT NULL',
      'ALTER DOMAIN d VALIDATE CONSTRAINT c',
      { sql: 'ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID', ...AS_WARNING },
    ],
    silent: [
      'ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID',
      'ALTER DOMAIN d DROP NOT NULL',
      'CREATE DOMAIN d AS int; ALTER DOMAIN d SET NOT NULL',
    ],
  },
  'attach-partition': {
    fires: [
      "ALTER TABLE p ATTACH PARTITION c FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
      {
        sql: "CREATE TABLE p_2026 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        schema: 'CREATE TABLE p (d date) PARTITION BY RANGE (d); CREATE TABLE p_rest PARTITION OF p DEFAULT',
      },
    ],
    silent: [
      "ALTER TABLE c ADD CONSTRAINT k CHECK (d >= '2026-01-01' AND d < '2027-01-01') NOT VALID; ALTER TABLE c VALIDATE CONSTRAINT k; ALTER TABLE p ATTACH PARTITION c FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
      "CREATE TABLE c (d date); ALTER TABLE p ATTACH PARTITION c FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
      "CREATE TABLE p_2026 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    ],
  },
  'detach-partition': {
    fires: ['ALTER TABLE p DETACH PARTITION c'],
    silent: ['ALTER TABLE p DETACH PARTITION c CONCURRENTLY', 'ALTER TABLE p DETACH PARTITION c FINALIZE'],
  },
  'create-index': {
    fires: [
      'CREATE INDEX ON t (a)',
      'CREATE UNIQUE INDEX i ON t (a) WHERE b',
      { sql: 'CREATE INDEX CONCURRENTLY i ON p (d)', schema: 'CREATE TABLE p (d date) PARTITION BY RANGE (d)' },
    ],
    silent: ['CREATE INDEX CONCURRENTLY ON t (a)', 'CREATE INDEX i ON ONLY p (d)'],
  },
  'drop-index': { fires: ['DROP INDEX i'], silent: ['DROP INDEX CONCURRENTLY i', 'DROP TABLE i'] },
  reindex: {
    fires: ['REINDEX TABLE t', 'REINDEX INDEX i', 'REINDEX DATABASE shop'],
    silent: ['REINDEX TABLE CONCURRENTLY t', 'REINDEX (CONCURRENTLY) INDEX i'],
  },
  'unique-without-index': {
    fires: [
      'ALTER TABLE t ADD UNIQUE (a)',
      'ALTER TABLE t ADD PRIMARY KEY (a)',
      'ALTER TABLE t ADD COLUMN a int UNIQUE',
    ],
    silent: ['ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i'],
  },
  'primary-key-nullable': {
    fires: [
      {
        sql: 'ALTER TABLE t ADD PRIMARY KEY USING INDEX i',
        schema: 'CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a)',
      },
      { sql: 'ALTER TABLE t ADD PRIMARY KEY USING INDEX i', ...AS_WARNING },
    ],
    silent: [
      {
        sql: 'ALTER TABLE t ADD PRIMARY KEY USING INDEX i',
        schema: 'CREATE TABLE t (a int NOT NULL); CREATE UNIQUE INDEX i ON t (a)',
        ...AS_WARNING,
      },
      {
        sql: 'ALTER TABLE t ADD PRIMARY KEY USING INDEX i',
        schema: 'CREATE TABLE t (a int CHECK (a IS NOT NULL)); CREATE UNIQUE INDEX i ON t (a)',
      },
      'ALTER TABLE t ADD PRIMARY KEY USING INDEX i',
    ],
  },
  'exclusion-constraint': {
    fires: ['ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)'],
    silent: ['ALTER TABLE t ADD UNIQUE (a)'],
  },
  'refresh-materialized-view': {
    fires: [
      'REFRESH MATERIALIZED VIEW v',
      'REFRESH MATERIALIZED VIEW v WITH NO DATA',
      { sql: 'REFRESH MATERIALIZED VIEW CONCURRENTLY v', schema: 'CREATE MATERIALIZED VIEW v AS SELECT 1 AS a' },
    ],
    silent: [
      'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
      {
        sql: 'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
        schema: 'CREATE MATERIALIZED VIEW v AS SELECT 1 AS a; CREATE UNIQUE INDEX ON v (a)',
      },
    ],
  },
  'unbatched-write': {
    fires: [
      'UPDATE t SET a = 1',
      'DELETE FROM t WHERE true',
      'UPDATE t SET a = b WHERE a IS NULL',
      'UPDATE t SET a = 1 WHERE 1 = 1',
      'UPDATE t SET a = u.a FROM u WHERE u.id = t.u_id',
      'DELETE FROM t WHERE id > 0',
      "DELETE FROM t WHERE created_at < now() - interval '1 year'",
      'UPDATE t SET a = 1 WHERE id = 1 OR a IS NULL',
      'WITH x AS (UPDATE t SET a = 1 RETURNING *) SELECT count(*) FROM x',
      { sql: "UPDATE t SET a = 1 WHERE kind = 'x'", ...AS_WARNING },
      { sql: 'DELETE FROM t WHERE u_id IN (SELECT id FROM u)', ...AS_WARNING },
    ],
    silent: [
      'UPDATE t SET a = 1 WHERE id = 7',
      'UPDATE t SET a = 1 WHERE id = $1',
      'UPDATE t SET a = 1 WHERE id IN (1, 2, 3)',
      'UPDATE t SET a = 1 WHERE id BETWEEN 1 AND 1000 AND a IS NULL',
      'UPDATE t SET a = 1 WHERE id > 1000 AND id <= 2000',
      'UPDATE t SET a = 1 WHERE id IN (SELECT id FROM t WHERE a IS NULL LIMIT 1000)',
      'UPDATE t SET a = 1 WHERE id = ANY (ARRAY(SELECT id FROM t LIMIT 10))',
      'WITH b AS (SELECT id FROM t LIMIT 10 FOR UPDATE SKIP LOCKED) UPDATE t SET a = 1 FROM b WHERE b.id = t.id',
      'WITH b AS (SELECT id FROM t LIMIT 10) DELETE FROM t WHERE id IN (SELECT id FROM b)',
      { sql: "UPDATE t SET a = 1 WHERE email = 'a@b'", schema: 'CREATE TABLE t (email text UNIQUE)', ...AS_WARNING },
      'CREATE TABLE few (id int); INSERT INTO few VALUES (1); UPDATE t SET a = 1 FROM few WHERE few.id = t.id',
      'INSERT INTO t SELECT * FROM u',
      "UPDATE t SET a = 1 WHERE kind = 'x'",
    ],
  },
  'batches-in-one-transaction': {
    fires: [
      'DO $$ BEGIN LOOP DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 10); EXIT WHEN NOT FOUND; END LOOP; END $$',
    ],
    silent: [
      'DO $$ BEGIN LOOP DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 10); EXIT WHEN NOT FOUND; COMMIT; END LOOP; END $$',
      'DO $$ BEGIN DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 10); END $$',
    ],
  },
  'commit-in-block': {
    fires: ['BEGIN; DO $$ BEGIN COMMIT; END $$; COMMIT', { sql: 'DO $$ BEGIN COMMIT; END $$', ...PER_FILE }],
    silent: ['DO $$ BEGIN COMMIT; END $$', 'BEGIN; DO $$ BEGIN NULL; END $$; COMMIT'],
  },
  'slow-while-locked': {
    fires: [
      'BEGIN; ALTER TABLE t ADD COLUMN a int; UPDATE t SET a = 1; COMMIT',
      { sql: 'ALTER TABLE t ADD COLUMN a int; CREATE INDEX ON u (a);', ...PER_FILE },
      'BEGIN; ALTER TABLE t ADD COLUMN a int; ALTER TABLE u VALIDATE CONSTRAINT c; COMMIT',
      'BEGIN; ALTER TABLE t ADD COLUMN a int; CREATE TABLE copy AS SELECT * FROM u; COMMIT',
      'BEGIN; LOCK TABLE t; INSERT INTO n SELECT * FROM t; COMMIT',
      'BEGIN; ALTER TABLE t ADD COLUMN a int; SELECT pg_sleep(10); COMMIT',
      'DO $$ BEGIN ALTER TABLE t ADD COLUMN a int; UPDATE t SET a = 1; END $$',
      { sql: "BEGIN; ALTER TABLE t ADD COLUMN a int; UPDATE u SET a = 1 WHERE kind = 'x'; COMMIT", ...AS_WARNING },
    ],
    silent: [
      'ALTER TABLE t ADD COLUMN a int; UPDATE t SET a = 1',
      'BEGIN; UPDATE t SET a = 1; ALTER TABLE t ADD COLUMN a int; COMMIT',
      'BEGIN; ALTER TABLE t ADD COLUMN a int; COMMIT; BEGIN; UPDATE t SET a = 1; COMMIT',
      'BEGIN; CREATE TABLE n (id int); INSERT INTO n SELECT id FROM t; CREATE INDEX ON n (id); COMMIT',
      'BEGIN; ALTER TABLE t ADD COLUMN a int; INSERT INTO u VALUES (1); COMMIT',
    ],
  },
  'validate-in-same-transaction': {
    fires: [
      'BEGIN; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c; COMMIT',
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT c',
      {
        sql: 'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c',
        ...PER_FILE,
      },
    ],
    silent: [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c',
      'BEGIN; ALTER TABLE t VALIDATE CONSTRAINT c; COMMIT',
    ],
  },
  'several-tables-locked': {
    fires: ['BEGIN; ALTER TABLE a ADD COLUMN x int; ALTER TABLE b ADD COLUMN x int; COMMIT'],
    silent: [
      'ALTER TABLE a ADD COLUMN x int; ALTER TABLE b ADD COLUMN x int',
      'BEGIN; ALTER TABLE a ADD COLUMN x int; ALTER TABLE a ADD COLUMN y int; COMMIT',
      'BEGIN; CREATE TABLE n (x int); ALTER TABLE a ADD COLUMN x int; ALTER TABLE n ADD COLUMN y int; COMMIT',
    ],
  },
  'lock-table': {
    fires: [
      'BEGIN; LOCK TABLE t; COMMIT',
      'BEGIN; LOCK TABLE t IN SHARE MODE; COMMIT',
      { sql: 'LOCK TABLE t', severity: 'error' },
    ],
    silent: ['BEGIN; LOCK TABLE t IN ROW SHARE MODE; COMMIT', 'BEGIN; SELECT 1 FROM t FOR UPDATE; COMMIT'],
  },
  'no-lock-timeout': {
    fires: [
      'ALTER TABLE t ADD COLUMN a int',
      'SET lock_timeout = 0; ALTER TABLE t ADD COLUMN a int',
      "SET lock_timeout = '1s'; RESET lock_timeout; DROP TABLE t",
    ],
    silent: [
      "SET lock_timeout = '1s'; ALTER TABLE t ADD COLUMN a int",
      "SELECT set_config('lock_timeout', '1s', false); ALTER TABLE t ADD COLUMN a int",
      'CREATE INDEX CONCURRENTLY ON t (a)',
      'ALTER TABLE t VALIDATE CONSTRAINT c',
      'ALTER TABLE t ALTER COLUMN a SET STATISTICS 100',
      'SELECT 1; UPDATE t SET a = 1 WHERE id = 1',
    ],
  },
  'timeout-with-concurrently': {
    fires: [
      "SET lock_timeout = '1s'; CREATE INDEX CONCURRENTLY ON t (a)",
      "SET statement_timeout = '1min'; DROP INDEX CONCURRENTLY i",
    ],
    silent: [
      "SET lock_timeout = '1s'; SET lock_timeout = 0; CREATE INDEX CONCURRENTLY ON t (a)",
      "SET lock_timeout = '1s'; CREATE INDEX ON t (a)",
    ],
  },
  'not-in-transaction': {
    fires: [
      'BEGIN; CREATE INDEX CONCURRENTLY ON t (a); COMMIT',
      { sql: 'CREATE INDEX CONCURRENTLY ON t (a)', ...PER_FILE },
      'DO $$ BEGIN CREATE INDEX CONCURRENTLY ON t (a); END $$',
      'BEGIN; VACUUM t; COMMIT',
      'BEGIN; ALTER TABLE p DETACH PARTITION c CONCURRENTLY; COMMIT',
      'BEGIN; REINDEX TABLE CONCURRENTLY t; COMMIT',
    ],
    silent: [
      'CREATE INDEX CONCURRENTLY ON t (a)',
      'BEGIN; COMMIT; VACUUM t',
      'BEGIN; ANALYZE t; COMMIT',
      'BEGIN; REFRESH MATERIALIZED VIEW CONCURRENTLY v; COMMIT',
    ],
  },
  'needs-newer-postgres': {
    fires: [
      'ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) VIRTUAL',
      { sql: 'MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DO NOTHING', postgres: 14 },
      { sql: 'ALTER TABLE p DETACH PARTITION c CONCURRENTLY', postgres: 13 },
      { sql: 'REINDEX TABLE CONCURRENTLY t', postgres: 11 },
      {
        sql: 'ALTER TABLE p ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u NOT VALID',
        schema: 'CREATE TABLE p (a int) PARTITION BY LIST (a)',
      },
      { sql: 'CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT', postgres: 14 },
    ],
    silent: [
      { sql: 'ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) VIRTUAL', postgres: 18 },
      'ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) STORED',
      'ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 1',
    ],
  },
  'index-left-invalid': {
    fires: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)'],
    silent: ['CREATE INDEX CONCURRENTLY i ON t (a)', 'CREATE INDEX IF NOT EXISTS i ON t (a)'],
  },
  'dynamic-sql': {
    fires: [
      "DO $$ DECLARE r record; BEGIN FOR r IN SELECT 'x' AS s LOOP EXECUTE r.s; END LOOP; END $$",
      "DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN a int', current_user); END $$",
      'DO LANGUAGE plpython3u $$ pass $$',
      'CALL fill_up()',
    ],
    silent: [
      "DO $$ BEGIN EXECUTE 'ALTER TABLE t ADD COLUMN a int'; END $$",
      "DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN a int', 't'); END $$",
      'DO $$ BEGIN NULL; END $$',
    ],
  },
};
