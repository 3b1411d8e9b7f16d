import { alterationsOf } from '../alterations.js';
import { as, type Kind, kindOf } from '../ast.js';
import { hasOption } from '../locks.js';
import type { Rule } from '../rule.js';
import type { Statement } from '../statements.js';

export const notInTransaction: Rule = {
  name: 'not-in-transaction',
  severity: 'error',
  claim: 'A statement that PostgreSQL refuses inside of a transaction stands in one.',
  because: 'It fails there, and the migration with it.',
  remedy:
    'Move it out of BEGIN and COMMIT, or into a migration of its own that runs without a transaction (alembic: `autocommit_block()`, Django: `atomic = False`, Rails: `disable_ddl_transaction!`).',
  references: ['https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY'],
  settledBy: 'work',
  check: ({ statement, transaction }) => {
    const what = whatOf(statement);
    if (what === null || (transaction === null && statement.block === null)) return [];
    const where = statement.block === null ? 'a transaction' : 'a DO block';
    return [{ message: `${what} fails inside of ${where}.` }];
  },
};

const ALWAYS: Partial<Record<Kind, string>> = {
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  AlterSystemStmt: 'ALTER SYSTEM',
};

function whatOf(statement: Statement): string | null {
  const { node } = statement;
  if (as(node, 'IndexStmt')?.concurrent === true) return 'CREATE INDEX CONCURRENTLY';
  if (as(node, 'DropStmt')?.concurrent === true) return 'DROP INDEX CONCURRENTLY';
  if (hasOption(as(node, 'ReindexStmt')?.params, 'concurrently')) return 'REINDEX CONCURRENTLY';
  if (as(node, 'VacuumStmt')?.is_vacuumcmd === true) return 'VACUUM';
  const detached = alterationsOf(statement).some(
    ({ command }) => command.subtype === 'AT_DetachPartition' && as(command.def, 'PartitionCmd')?.concurrent === true,
  );
  if (detached) return 'DETACH PARTITION CONCURRENTLY';
  return ALWAYS[kindOf(node)] ?? null;
}
