import { spawn } from 'node:child_process';
import type { Server } from './servers.ts';

export interface Script {
  /** Of the server's process that ran it. */
  pid: number | null;
  durationMs: number;
  /** SQLSTATE and message of the first statement that failed; the ones after it did not run. */
  error: string | null;
}

const LONGEST_MS = 180_000;

/** Runs SQL as most people do: statement by statement, each for itself unless it says BEGIN, up to the first error. */
export function psql(server: Server, database: string, sql: string, set: Record<string, string> = {}): Promise<Script> {
  const variables = { ON_ERROR_STOP: '1', VERBOSITY: 'verbose', SHOW_CONTEXT: 'never', ...set };
  const settings = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
  const target = ['-h', server.host, '-U', 'postgres', '-d', database];
  const start = performance.now();
  const child = spawn('psql', ['-XqAt', ...target, ...settings, '-c', 'SELECT pg_backend_pid()', '-f', '-'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
    env: { ...process.env, PGAPPNAME: 'migration', PGCLIENTENCODING: 'UTF8' },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < 100) output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin.on('error', () => undefined); // it left before it had read everything: the error is on stderr
  child.stdin.end(sql);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const pid = Number(/^\d+/.exec(output)?.[0] ?? Number.NaN);
      resolve({
        pid: Number.isNaN(pid) ? null : pid,
        durationMs: performance.now() - start,
        error: code === 0 ? null : (/(?:ERROR|FATAL): {2}(.*)/.exec(errors)?.[1] ?? `${signal ?? code}: ${errors}`),
      });
    });
  });
}
