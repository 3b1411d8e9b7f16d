import { Command } from 'commander';
import { migrationsCheckCommand } from './migrations-check.js';
import { migrationsTraceCommand } from './migrations-trace.js';

/** `zdd-verify migrations`: what a schema change does to users. */
export function migrationsCommand(): Command {
  return new Command('migrations')
    .description('What a schema change does to users: from its SQL alone, or by running it on a shadow database.')
    .addHelpText(
      'after',
      `
Examples:
  $ zdd-verify migrations check db/migrations/0042.sql
  $ zdd-verify migrations trace --old-queries queries.sql -- alembic upgrade head`,
    )
    .addCommand(migrationsCheckCommand())
    .addCommand(migrationsTraceCommand());
}
