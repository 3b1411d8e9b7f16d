import { as } from './ast.js';
import type { Statement } from './statements.js';

/** Statements that end together: what one of them locks stays locked until the last one is done. */
export interface Transaction {
  /** In their order; a DO block is followed by what runs in it. */
  statements: Statement[];
  /** The block whose own transaction it is; null where it was begun by BEGIN, or by the framework for the whole file. */
  block: Statement | null;
  /** Whether an end of it is written down, or certain because it is the file's or the block's. */
  ends: boolean;
}

/** How files run that do not say it by BEGIN: each statement by itself, or the whole file at once. */
export type TransactionMode = 'per-statement' | 'per-file';

/** The transaction of each statement; none for a statement that runs by itself. */
export function transactionsOf(statements: readonly Statement[], mode: TransactionMode): Map<Statement, Transaction> {
  const found = new Map<Statement, Transaction>();
  let open: Transaction | null = null;
  let block: Transaction | null = null;
  let source = statements[0]?.source;
  const whole = (): Transaction | null => (mode === 'per-file' ? { statements: [], block: null, ends: true } : null);
  open = whole();
  for (const statement of statements) {
    if (statement.source !== source) {
      source = statement.source;
      open = whole();
    }
    const control = as(statement.node, 'TransactionStmt')?.kind;
    if (control === 'TRANS_STMT_BEGIN' || control === 'TRANS_STMT_START') {
      open ??= { statements: [], block: null, ends: false };
    }
    if (statement.block === null) {
      block =
        open === null && as(statement.node, 'DoStmt') !== undefined
          ? { statements: [], block: statement, ends: true }
          : null;
    }
    // A block that commits lets go of its locks as it goes along.
    const own: Transaction | null = open ?? (statement.block?.commits === true ? null : block);
    if (own !== null) {
      own.statements.push(statement);
      found.set(statement, own);
    }
    if (control === 'TRANS_STMT_COMMIT' || control === 'TRANS_STMT_ROLLBACK' || control === 'TRANS_STMT_PREPARE') {
      if (open !== null) open.ends = true;
      open = null;
    }
  }
  return found;
}
