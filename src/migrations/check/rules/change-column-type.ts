import type { ColumnDef } from 'libpg-query';
import { alterationsOf } from '../alterations.js';
import { as, columnOf, type SqlType, typeOf } from '../ast.js';
import type { Context, Hit, Rule } from '../rule.js';
import { costOfChange, spelled, type TypeChange } from '../types.js';

export const changeColumnType: Rule = {
  name: 'change-column-type',
  severity: 'error',
  claim: "A column's type changes, and every row with it.",
  because:
    'The table is written anew, or read from end to end, under an ACCESS EXCLUSIVE lock. And a prepared statement that returns the column fails once: "cached plan must not change result type".',
  remedy:
    'Add a column of the new type, write both, copy in batches, switch the reads, and drop the old one a release later.',
  references: ['https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES'],
  settledBy: 'work',
  check: (context) =>
    alterationsOf(context.statement).flatMap(({ table, command, name, column, span }): Hit[] => {
      if (command.subtype !== 'AT_AlterColumnType' || column === undefined) return [];
      const to = typeOf(column.typeName);
      if (to === null) return [];
      const change = changeOf(table, name, to, column, context);
      return hitsOf(change, `${name} of ${table} becomes ${spelled(to)}`, { table, span });
    }),
};

function changeOf(table: string, name: string, to: SqlType, definition: ColumnDef, context: Context): TypeChange {
  const using = definition.raw_default;
  if (using !== undefined && !isPlainCast(using, name)) return { cost: 'rewrite', why: 'USING computes every value' };
  if (definition.collClause !== undefined) return costOfCollation(table, name, context);
  const from = context.schema.column(table, name)?.type ?? null;
  return costOfChange({ from, to, timeZone: context.settings.timeZone, postgres: context.postgres });
}

/** Another order of the same values: the table stays as it is, its indexes do not. */
function costOfCollation(table: string, name: string, { schema }: Context): TypeChange {
  const index = schema.indexesOf(table).find(({ columns }) => columns.includes(name));
  if (index !== undefined) return { cost: 'rewrite', why: `its index ${index.name} is built anew in the other order` };
  if (schema.tables.get(table)?.complete === true) return { cost: 'free' };
  return { cost: 'depends', on: 'no index holds the column, as another collation builds it anew' };
}

/** `USING column` and `USING column::type` are what happens without USING. */
function isPlainCast(using: ColumnDef['raw_default'], name: string): boolean {
  return columnOf(as(using, 'TypeCast')?.arg ?? using) === name;
}

function hitsOf(change: TypeChange, what: string, place: Pick<Hit, 'table' | 'span'>): Hit[] {
  switch (change.cost) {
    case 'rewrite':
      return [
        { ...place, message: `${what}: the table is locked while all of it is written or read, as ${change.why}.` },
      ];
    case 'depends':
      return [{ ...place, severity: 'warning', message: `${what}: this is quick only if ${change.on}.` }];
    case 'free':
      return [
        {
          ...place,
          severity: 'note',
          message: `${what}, which takes a moment; a prepared statement that returns the column fails once.`,
          remedy: 'Let the connection pool throw prepared statements away after the migration.',
        },
      ];
  }
}
