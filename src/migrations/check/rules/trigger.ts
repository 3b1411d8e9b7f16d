import { alterationsOf } from '../alterations.js';
import { as } from '../ast.js';
import { nameOf } from '../names.js';
import type { Hit, Rule } from '../rule.js';

const OFF: Readonly<Record<string, string>> = {
  AT_DisableTrig: 'A trigger',
  AT_DisableTrigAll: 'Every trigger, those of foreign keys too,',
  AT_DisableTrigUser: 'Every trigger',
  AT_DisableRule: 'A rule',
};

export const trigger: Rule = {
  name: 'trigger',
  severity: 'note',
  claim: 'A trigger is added or switched off, and works on what the running release writes.',
  because:
    'It runs for every write from there on, also for rows that the running release writes without knowing of it.',
  remedy: 'Make sure that its function accepts what both releases write. Its lock is held for a moment only.',
  references: ['https://www.postgresql.org/docs/current/sql-createtrigger.html'],
  settledBy: 'old-queries',
  check: ({ statement }): Hit[] => {
    const created = as(statement.node, 'CreateTrigStmt');
    if (created !== undefined) {
      const table = nameOf(created.relation);
      return [
        { table, message: `Trigger ${created.trigname} runs for what the running release writes into ${table} too.` },
      ];
    }
    return alterationsOf(statement).flatMap(({ table, command, span }): Hit[] => {
      const what = OFF[command.subtype ?? ''];
      if (what === undefined) return [];
      return [
        {
          table,
          span,
          severity: 'warning',
          message: `${what} of ${table} is off for writes of users too until it is switched on again.`,
        },
      ];
    });
  },
};
