import type { MigrationSeverity } from '../../model/migrations.js';
import { isBookkeeping } from '../trace/frameworks.js';
import { applyTo } from './apply.js';
import { withBlocks } from './blocks.js';
import type { HeldLock } from './locks.js';
import type { Context, Hit, Rule } from './rule.js';
import { RULES } from './rules/registry.js';
import { Schema } from './schema.js';
import { settingsAfter, UNSET } from './settings.js';
import type { Source, Span } from './source.js';
import { type Statement, type SyntaxFault, statementsOf } from './statements.js';
import { type Transaction, type TransactionMode, transactionsOf } from './transactions.js';
import { locksOnUsers } from './user-locks.js';

/** What is said of a stretch of a source. */
export interface Remark {
  source: Source;
  span: Span;
  rule: string;
  severity: MigrationSeverity;
  message: string;
  remedy: string;
}

/** A source that was read. */
export interface ReadSource {
  source: Source;
  /** Those inside of blocks too. */
  statements: Statement[];
  faults: SyntaxFault[];
}

export function readSource(source: Source): ReadSource {
  const { statements, faults } = statementsOf(source);
  return { source, statements: withBlocks(statements), faults };
}

export interface WalkOptions {
  postgres: number;
  transaction: TransactionMode;
  /** What is there already and in use. */
  before: readonly ReadSource[];
}

/** Goes through the sources in their order as a server would, and asks every rule about every statement. */
export function walk(sources: readonly ReadSource[], { postgres, transaction, before }: WalkOptions): Remark[] {
  const schema = new Schema();
  for (const { statements } of before) for (const statement of statements) applyTo(schema, statement, true);
  return sources.flatMap(({ source, statements }) => {
    const transactions = transactionsOf(statements, transaction);
    const held = new Map<Transaction, HeldLock[]>();
    let settings = UNSET;
    const remarks: Remark[] = [];
    for (const [index, statement] of statements.entries()) {
      const own = transactions.get(statement) ?? null;
      const holds = own === null ? [] : (held.get(own) ?? []);
      const context: Context = {
        statement,
        postgres,
        schema,
        settings,
        transaction: own,
        held: holds,
        rest: () => statements.slice(index + 1),
      };
      for (const rule of RULES) for (const hit of rule.check(context)) remarks.push(...remarkOf(rule, hit, context));
      if (own !== null) {
        held.set(own, [...holds, ...locksOnUsers(context).map((lock) => ({ ...lock, by: statement }))]);
      }
      settings = settingsAfter(settings, statement);
      applyTo(schema, statement, false);
    }
    return remarks.map((remark) => ({ ...remark, source }));
  });
}

/** Nobody uses yet what the same file creates; what another one of the files creates may be in use by then. */
function remarkOf(rule: Rule, hit: Hit, { statement, schema }: Context): Remark[] {
  const creator = hit.createdIn ?? (hit.table === undefined ? null : schema.createdIn(hit.table));
  if (creator === statement.source || (hit.table !== undefined && isBookkeeping(hit.table))) return [];
  const remark: Remark = {
    source: statement.source,
    span: hit.span ?? statement.span,
    rule: rule.name,
    severity: hit.severity ?? rule.severity,
    message: hit.message,
    remedy: hit.remedy ?? rule.remedy,
  };
  if (creator === null) return [remark];
  const message = `${remark.message} ${creator.file} creates it, so nobody uses it yet if both are applied at once.`;
  return [{ ...remark, severity: 'note', message }];
}
