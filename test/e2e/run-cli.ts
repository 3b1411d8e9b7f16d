import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RecordBatchReader } from 'apache-arrow';
import { ranStarved } from '../setup/starved-runs.ts';
import { leftOver, newMark } from './processes.ts';
import type { RunJson } from './run-json.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const CLI = join(ROOT, 'dist/cli/main.js');
export const APPS = join(ROOT, 'test/apps');

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The run directory: the last line of stdout; null where there is none. */
  dir: string | null;
  runJson: RunJson | null;
}

/** A command under way in a folder of its own. */
export interface Cli {
  child: ChildProcess;
  ended: Promise<CliResult>;
  stderrSoFar(): string;
}

/** A temporary folder with everything a test leaves in it, and a mark that finds what it leaves running. */
export interface Workplace {
  folder: string;
  mark: { name: string; value: string };
  /** Writes a scenario (JSON is YAML) and returns its path. */
  scenario(content: object | string): string;
  start(args: string[], env?: Record<string, string>, limit?: string, through?: string[]): Cli;
  /** `limit` is a `ulimit` of the shell, such as `-f 64`; `through` a command line that starts another. */
  run(args: string[], env?: Record<string, string>, limit?: string, through?: string[]): Promise<CliResult>;
  /** Makes an empty file, such as one a step waits for. */
  touch(name: string): void;
  /** Run directories made so far. */
  runDirs(): string[];
  /** Removes the folder and kills what is left running; returns what that was. */
  leave(): Promise<string[]>;
}

export function workplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-e2e-'));
  const mark = newMark();
  const start: Workplace['start'] = (args, env = {}, limit = undefined, through = []) =>
    startCli(args, { cwd: folder, env: { [mark.name]: mark.value, ...env }, limit, through });
  return {
    folder,
    mark,
    scenario: (content) => {
      const path = join(folder, 'scenario.yaml');
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
      return path;
    },
    start,
    run: (args, env, limit, through) => start(args, env, limit, through).ended,
    touch: (name) => writeFileSync(join(folder, name), ''),
    runDirs: () => {
      const parent = join(folder, 'reports');
      return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
    },
    leave: async () => {
      const left = await leftOver(mark);
      for (const { pid } of left) process.kill(pid, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      return left.map(({ command }) => command);
    },
  };
}

interface Start {
  cwd: string;
  env: Record<string, string>;
  limit: string | undefined;
  through: string[];
}

function startCli(args: string[], { cwd, env, limit, through }: Start): Cli {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(GITHUB_|CI$|NO_COLOR|FORCE_COLOR|VITEST|NODE_OPTIONS)/.test(name),
  );
  const [file, ...argv] = [
    ...(limit === undefined ? [] : ['bash', '-c', `ulimit ${limit} && exec "$0" "$@"`]),
    ...through,
    process.execPath,
    CLI,
    ...args,
  ];
  const child = spawn(file as string, argv, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      const dir = last.startsWith('/') && existsSync(last) ? last : null;
      const runJson = dir === null ? null : readRunJson(dir);
      if (runJson?.generator.healthy === false) ranStarved();
      resolve({ code, signal, stdout, stderr, dir, runJson });
    });
  });
  return { child, ended, stderrSoFar: () => stderr };
}

export function readRunJson(dir: string): RunJson | null {
  const path = join(dir, 'run.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RunJson) : null;
}

/** The lines of an ndjson file of the record; a last line that was cut is left out. */
export function readLines<T>(dir: string, file: string): T[] {
  const text = readFileSync(join(dir, file), 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/**
 * Samples of the record, each with its columns by name: read by the library other programs use, not by our own reader.
 * A last batch that was cut is left out.
 */
export function readSamples(dir: string): Record<string, string | number | boolean | null>[] {
  const samples: Record<string, string | number | boolean | null>[] = [];
  const batches = RecordBatchReader.from(readFileSync(join(dir, 'samples.arrow')))[Symbol.iterator]();
  for (;;) {
    let batch: ReturnType<typeof batches.next>;
    try {
      batch = batches.next();
    } catch {
      return samples;
    }
    if (batch.done) return samples;
    for (const row of batch.value) {
      const values = Object.entries(row.toJSON() as Record<string, string | number | bigint | boolean | null>);
      samples.push(
        Object.fromEntries(values.map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value])),
      );
    }
  }
}
