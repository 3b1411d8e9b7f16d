import { Command } from 'commander';
import type { TransactionMode } from '../migrations/check/check.js';
import { DEFAULT_POSTGRES, NEWEST_POSTGRES, OLDEST_POSTGRES } from '../migrations/check/version.js';
import { ZddError } from '../model/errors.js';
import { EXIT, type ExitCode } from '../model/exit-codes.js';
import type { MigrationCheck } from '../model/migrations.js';
import { writeAtomically } from '../platform/files.js';
import { toolVersion } from './package-info.js';
import { styleOf } from './terminal/style.js';
import { plainText } from './terminal/text.js';

interface CheckCommandOptions {
  postgres: string;
  transaction: string;
  schema: string[];
  squawk: boolean;
  json?: true;
  sarif?: string | true;
}

/** `zdd-verify migrations check FILE...`: what the SQL of a migration does to users, without running it. */
export function migrationsCheckCommand(): Command {
  return new Command('check')
    .description(
      'Checks the SQL of migrations: what breaks the release that is still running, what takes long under a lock, and\nwhat fails by itself. Runs nothing.',
    )
    .argument('<files...>', 'files with SQL, folders (their *.sql by name), or - for standard input')
    .option(
      '--postgres <version>',
      `major version of the server, ${OLDEST_POSTGRES} to ${NEWEST_POSTGRES}`,
      `${DEFAULT_POSTGRES}`,
    )
    .option(
      '--schema <file>',
      'SQL of what is there already (pg_dump -s): facts, not judged; may be repeated',
      collect,
      [],
    )
    .option(
      '--transaction <how>',
      'how files run that hold no BEGIN: per-statement, or per-file (frameworks that wrap each migration)',
      'per-statement',
    )
    .option('--no-squawk', "leave squawk's rules out on purpose")
    .option('--json', 'as JSON: [{ file, line, rule, severity, message, remedy, ... }]')
    .option('--sarif [file.sarif]', 'as SARIF 2.1.0 for code hosts, to a file or to standard output')
    .addHelpText('after', HELP_AFTER)
    .action(async (files: string[], options: CheckCommandOptions) => {
      process.exitCode = await perform(files, options);
    });
}

const HELP_AFTER = `
A finding is taken back by a comment with a reason, before the statement or behind it:
  -- zdd-ignore drop-column: no release since 3.1 reads it
\`zdd-verify explain RULE\` says what a rule means.

Exit codes:
  0   no error stands (there may be warnings)
  2   a file cannot be read, or the command line is wrong
  98  no error stands, but squawk could not run; --no-squawk does without it
  99  an error stands

Examples:
  $ zdd-verify migrations check db/migrations/0042_add_total.sql --postgres 16
  $ zdd-verify migrations check --schema schema.sql --transaction per-file db/migrations/0042_*.sql
  $ alembic upgrade 41:head --sql | zdd-verify migrations check -
  $ zdd-verify migrations check migrations --sarif check.sarif`;

async function perform(names: string[], options: CheckCommandOptions): Promise<ExitCode> {
  const settings = settingsOf(options);
  const [{ checkMigrations }, { readSqlFiles }, { findingLines, summaryLine }] = await Promise.all([
    import('../migrations/check/check.js'),
    import('../migrations/check/sql-files.js'),
    import('./migrations-check-text.js'),
  ]);
  const schema = await readSqlFiles(options.schema, process.stdin);
  const sources = await readSqlFiles(names, process.stdin);
  const check = await checkMigrations(sources, { ...settings, schema, squawk: options.squawk });
  if (options.json) print(JSON.stringify(check.findings, null, 2));
  else if (options.sarif !== undefined) await writeSarif(check, options.sarif);
  if (!options.json && options.sarif !== true) {
    const style = styleOf(process.stdout, process.env);
    const lines = findingLines(check, sources, { style, width: process.stdout.columns ?? 120 });
    if (lines.length > 0) print(lines.slice(0, -1).join('\n'));
  }
  const style = styleOf(process.stderr, process.env);
  if (!check.squawk.ran && options.squawk) process.stderr.write(`${squawkMissing(check.squawk.why)}\n`);
  process.stderr.write(`${summaryLine(check, { style })}\n`);
  return exitCodeFor(check, options.squawk);
}

/** An error outranks a check that was not complete; that one is never a pass unless it was asked for. */
export function exitCodeFor(check: MigrationCheck, wantsSquawk: boolean): ExitCode {
  if (check.findings.some(({ severity }) => severity === 'error')) return EXIT.THRESHOLD;
  return check.squawk.ran || !wantsSquawk ? EXIT.PASS : EXIT.INCONCLUSIVE;
}

function settingsOf(options: CheckCommandOptions): { postgres: number; transaction: TransactionMode } {
  const { transaction, json, sarif } = options;
  const postgres = /^\d+(?:\.\d+)*$/.test(options.postgres) ? Number.parseInt(options.postgres, 10) : Number.NaN;
  if (!(postgres >= OLDEST_POSTGRES && postgres <= NEWEST_POSTGRES)) {
    throw new ZddError(
      'USAGE',
      `--postgres ${options.postgres}: a major version from ${OLDEST_POSTGRES} to ${NEWEST_POSTGRES} is expected.`,
      {
        hint: `\`SHOW server_version\` tells it. For a newer one use ${NEWEST_POSTGRES}.`,
      },
    );
  }
  if (transaction !== 'per-file' && transaction !== 'per-statement') {
    throw new ZddError('USAGE', `--transaction ${transaction}: per-file or per-statement is expected.`);
  }
  if (json && sarif === true) {
    throw new ZddError('USAGE', '--json and --sarif both go to standard output.', {
      hint: 'Name a file for one of them: `--sarif check.sarif`.',
    });
  }
  if (typeof sarif === 'string' && !/\.(?:sarif|json)$/i.test(sarif)) {
    throw new ZddError('USAGE', `--sarif ${sarif}: a file that ends in .sarif or .json is expected.`, {
      hint: 'Without a file, put --sarif behind the files that are checked.',
    });
  }
  return { postgres, transaction };
}

async function writeSarif(check: MigrationCheck, to: string | true): Promise<void> {
  const { sarifOf } = await import('../migrations/check/sarif.js');
  const sarif = `${JSON.stringify(sarifOf(check, { version: toolVersion() }), null, 2)}\n`;
  if (to === true) process.stdout.write(sarif);
  else {
    await writeAtomically(to, sarif).catch((error: Error) => {
      throw new ZddError('OUTPUT_UNWRITABLE', `${to} cannot be written: ${error.message}`, { cause: error });
    });
  }
}

function squawkMissing(why: string): string {
  return [
    `squawk's rules were not applied: ${plainText(why)}`,
    '  Install with optional dependencies (npm install --include=optional). It runs on Linux with glibc 2.34 or newer,',
    '  macOS, and Windows on x64. --no-squawk does without it, and then this is no reason for exit code 98.',
  ].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
