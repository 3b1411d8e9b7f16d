import type { MigrationSeverity } from '../../model/migrations.js';

/**
 * What becomes of a rule of squawk's. `by`: our rules that decide the same thing and know more (the server's version,
 * the types before, what the files create), so that squawk is heard only where a statement could not be read here.
 * `off`: a matter of taste, which is not asked for.
 */
export type SquawkRule = { severity: MigrationSeverity; remedy: string; by?: readonly string[] } | { off: string };

const CONCURRENTLY = 'Use CONCURRENTLY, outside of a transaction.';
const CONTRACT = 'Take it away in a later release, when no code that uses it is running any more.';
const NOT_VALID = 'Add it NOT VALID, and VALIDATE it in a transaction of its own.';
const TAKE_OVER = 'Add a new column, write both, copy in batches, and switch the reads.';

export const SQUAWK_RULES: Readonly<Record<string, SquawkRule>> = {
  'require-concurrent-index-creation': { severity: 'error', remedy: CONCURRENTLY, by: ['create-index'] },
  'require-concurrent-index-deletion': {
    severity: 'warning',
    remedy: CONCURRENTLY,
    by: ['drop-index', 'no-lock-timeout'],
  },
  'require-concurrent-reindex': { severity: 'error', remedy: CONCURRENTLY, by: ['reindex'] },
  'require-concurrent-partition-detach': { severity: 'warning', remedy: CONCURRENTLY, by: ['detach-partition'] },
  'ban-concurrent-index-creation-in-transaction': {
    severity: 'error',
    remedy: 'Run it outside of a transaction.',
    by: ['not-in-transaction'],
  },
  'constraint-missing-not-valid': {
    severity: 'error',
    remedy: NOT_VALID,
    by: ['check-scan', 'foreign-key-scan', 'unique-without-index'],
  },
  'adding-foreign-key-constraint': { severity: 'error', remedy: NOT_VALID, by: ['foreign-key-scan'] },
  'adding-field-with-default': {
    severity: 'error',
    remedy: 'Add the column without a default, set the default, and fill it in batches.',
    by: ['column-rewrites-table'],
  },
  'adding-serial-primary-key-field': { severity: 'error', remedy: TAKE_OVER, by: ['column-rewrites-table'] },
  'adding-required-field': {
    severity: 'error',
    remedy: 'Give the column a constant default, or leave it nullable.',
    by: ['required-column'],
  },
  'adding-not-nullable-field': {
    severity: 'error',
    remedy: 'Add CHECK (column IS NOT NULL) NOT VALID and validate it first.',
    by: ['set-not-null'],
  },
  'changing-column-type': { severity: 'error', remedy: TAKE_OVER, by: ['change-column-type'] },
  'disallowed-unique-constraint': {
    severity: 'error',
    remedy: 'Build the index with CREATE UNIQUE INDEX CONCURRENTLY, and add the constraint USING INDEX.',
    by: ['unique-without-index'],
  },
  'renaming-column': { severity: 'error', remedy: TAKE_OVER, by: ['rename'] },
  'renaming-table': { severity: 'error', remedy: 'Leave a view behind under the old name.', by: ['rename'] },
  'ban-drop-column': { severity: 'error', remedy: CONTRACT, by: ['drop-column'] },
  'ban-drop-table': { severity: 'error', remedy: CONTRACT, by: ['drop-table'] },
  'ban-drop-database': { severity: 'error', remedy: CONTRACT, by: ['drop-object'] },
  'ban-drop-not-null': {
    severity: 'note',
    remedy: 'Make sure that the old release can read a NULL there.',
    by: ['drop-not-null'],
  },
  'ban-truncate-cascade': { severity: 'error', remedy: 'Name the tables that are to be emptied.', by: ['truncate'] },
  'ban-alter-domain-with-add-constraint': {
    severity: 'error',
    remedy: 'Put the constraint on the tables, NOT VALID.',
    by: ['domain-constraint'],
  },
  'prefer-repack': {
    severity: 'error',
    remedy: 'Rewrite the table online, with pg_repack or the like.',
    by: ['rewrite-table'],
  },
  'require-lock-timeout': {
    severity: 'warning',
    remedy: 'SET lock_timeout before it, and try again when it strikes.',
    by: ['no-lock-timeout'],
  },
  'require-timeout-settings': {
    severity: 'warning',
    remedy: 'SET lock_timeout before it, and try again when it strikes.',
    by: ['no-lock-timeout'],
  },
  'transaction-nesting': {
    severity: 'warning',
    remedy: 'Begin a transaction once: the inner COMMIT ends the outer one, and what follows runs by itself.',
  },
  'ban-uncommitted-transaction': {
    severity: 'error',
    remedy: 'End the transaction by COMMIT: without it everything is undone when the connection closes.',
  },
  'identifier-too-long': {
    severity: 'warning',
    remedy: 'Use at most 63 bytes: PostgreSQL cuts the rest off, and two names may become one.',
  },
  'syntax-error': { severity: 'error', remedy: 'Correct the statement.', by: ['syntax-error'] },
  'ban-create-domain-with-constraint': { off: 'a new domain harms nobody' },
  'require-enum-value-ordering': { off: 'the order of values harms nobody' },
  'require-statement-timeout': { off: 'a statement that is ended half way helps no user' },
  'require-table-schema': { off: 'style' },
  'unused-ignore': { off: 'it is about comments for squawk alone' },
  'ban-char-field': { off: 'style' },
  'prefer-bigint-over-int': { off: 'style' },
  'prefer-bigint-over-smallint': { off: 'style' },
  'prefer-identity': { off: 'style' },
  'prefer-robust-stmts': { off: 'style' },
  'prefer-text-field': { off: 'style' },
  'prefer-timestamp-tz': { off: 'style' },
};

/** Where squawk explains a rule. */
export function squawkPage(rule: string): string {
  return `https://squawkhq.com/docs/${rule}`;
}
