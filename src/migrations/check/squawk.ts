import { createRequire } from 'node:module';
import { parse } from 'node:path';
import { messageOf } from '../../model/errors.js';
import type { MigrationCheck } from '../../model/migrations.js';
import { filterThrough } from '../../platform/filter.js';
import type { Span } from './source.js';
import { SQUAWK_RULES, type SquawkRule } from './squawk-rules.js';
import type { TransactionMode } from './transactions.js';
import type { ReadSource, Remark } from './walk.js';

export interface SquawkOptions {
  postgres: number;
  transaction: TransactionMode;
  signal?: AbortSignal | undefined;
  /** Where the program is; the one that comes with this package without it. */
  binary?: string | undefined;
}

interface SquawkFinding {
  /** From 0. */
  line: number;
  /** In bytes, from 0. */
  column: number;
  line_end: number;
  column_end: number;
  message: string;
  help: string | null;
  rule_name: string;
}

type Ran = MigrationCheck['squawk'];

/** What squawk says that none of our rules decides; where it cannot run, why not. */
export async function squawkRemarks(
  files: readonly ReadSource[],
  options: SquawkOptions,
): Promise<{ ran: Ran; remarks: Remark[] }> {
  try {
    const binary = options.binary ?? binaryPath();
    const version = await versionOf(binary, options);
    const remarks: Remark[] = [];
    for (const file of files) remarks.push(...(await remarksOn(file, binary, options)));
    return { ran: { ran: true, version }, remarks };
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    return { ran: { ran: false, why: messageOf(error) }, remarks: [] };
  }
}

const require = createRequire(import.meta.url);

/** Throws where there is no program for this system, or its package was not installed. */
function binaryPath(): string {
  const { getBinaryPath } = require('squawk-cli/js/index.js') as { getBinaryPath(): string };
  return getBinaryPath();
}

async function versionOf(binary: string, options: SquawkOptions): Promise<string> {
  const output = await run(binary, ['--version'], '', options);
  return /\d+\.\d+\.\d+/.exec(output)?.[0] ?? output.trim();
}

/** A statement that either parser does not understand is left out, for squawk says nothing else of a file that has one. */
async function remarksOn(file: ReadSource, binary: string, options: SquawkOptions): Promise<Remark[]> {
  const { source, statements, faults } = file;
  const blanks: Span[] = faults.map(({ span }) => span);
  for (let round = 0; ; round += 1) {
    const sql = blanked(source.scan.sql, blanks);
    const findings = await ask(sql, binary, options);
    const unread = findings.filter(({ rule_name }) => rule_name === 'syntax-error');
    if (unread.length === 0 || round === MAX_ROUNDS) {
      return findings.flatMap((finding) => remarkOf(finding, sql, file) ?? []);
    }
    const places = unread.map(({ line, column }) => indexOf(sql, line, column));
    blanks.push(
      ...statements
        .map(({ span }) => span)
        .filter((span) => places.some((place) => span.start <= place && place <= span.end)),
    );
  }
}

const MAX_ROUNDS = 3;

async function ask(sql: string, binary: string, options: SquawkOptions): Promise<SquawkFinding[]> {
  const args = ['--reporter', 'json', '--pg-version', `${options.postgres}`];
  if (options.transaction === 'per-file') args.push('--assume-in-transaction');
  const output = await run(binary, args, sql, options);
  return output.trim() === '' ? [] : (JSON.parse(output) as SquawkFinding[]);
}

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Runs in the root folder: squawk takes settings from files in the folder it is started in and those above. */
async function run(binary: string, args: string[], input: string, { signal }: SquawkOptions): Promise<string> {
  const cwd = parse(process.cwd()).root;
  const end = await filterThrough([binary, ...args], {
    input,
    cwd,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
    signal,
  });
  if ('fault' in end) throw new Error(`squawk could not be run: ${end.fault}`);
  if (end.exitCode > 1) throw new Error(`squawk ended with ${end.exitCode}: ${end.errors.trim().slice(0, 500)}`);
  return end.output;
}

function remarkOf(finding: SquawkFinding, sql: string, { source, statements }: ReadSource): Remark | null {
  const rule: SquawkRule | undefined = SQUAWK_RULES[finding.rule_name];
  if (rule !== undefined && 'off' in rule) return null;
  const start = indexOf(sql, finding.line, finding.column);
  const wasRead = statements.some(({ span }) => span.start <= start && start < span.end);
  if (rule?.by !== undefined && wasRead) return null;
  if (finding.rule_name === 'syntax-error') return null;
  return {
    source,
    span: { start, end: Math.max(start, indexOf(sql, finding.line_end, finding.column_end)) },
    rule: finding.rule_name,
    severity: rule?.severity ?? 'warning',
    message: finding.message,
    remedy: rule?.remedy ?? finding.help ?? 'See what squawk says of it.',
  };
}

/** squawk counts lines by line feeds, from 0, and columns in bytes. */
function indexOf(sql: string, line: number, column: number): number {
  let at = 0;
  for (let passed = 0; passed < line; passed += 1) {
    const next = sql.indexOf('\n', at);
    if (next === -1) return sql.length;
    at = next + 1;
  }
  const end = sql.indexOf('\n', at);
  const bytes = Buffer.from(sql.slice(at, end === -1 ? sql.length : end));
  return at + bytes.subarray(0, column).toString().length;
}

/** The text with spaces in the place of some stretches; every index stays what it was. */
function blanked(sql: string, spans: readonly Span[]): string {
  let rest = sql;
  for (const { start, end } of spans) {
    rest = rest.slice(0, start) + rest.slice(start, end).replace(/[^\n\r]/g, ' ') + rest.slice(end);
  }
  return rest;
}
