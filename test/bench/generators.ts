import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a generator is asked to do: `ratePerSec` GET requests a second for `seconds` over kept-alive connections. */
export interface Load {
  url: string;
  ratePerSec: number;
  seconds: number;
  connections: number;
  /** A folder of this run alone, for files the generator writes. */
  folder: string;
}

/** What a generator says it saw. `failures` is its own sum of whatever it counts as failed. */
export interface Reading {
  failures: number;
  /** The failures by its own names, and what it counts beside them. */
  detail: string;
  p99Ms: number | null;
  /** Arrivals that were due and not sent; null where the generator does not know. */
  unsent: number | null;
  /** Sent - due; null where the generator does not say. */
  latenessMs: { p50: number; p99: number; max: number } | null;
}

/** What no peer reports. */
const NOT_TOLD = { unsent: null, latenessMs: null };

/** A load generator as users have it: its command line, and how what it prints is read. */
export interface Generator {
  name: string;
  /** Null where it is not installed. */
  version(): string | null;
  getIt: string;
  /** Closed loops have no rate: the server decides it. */
  loop: 'open' | 'closed';
  command(load: Load): string[];
  read(stdout: string, load: Load): Reading;
}

const autocannon: Generator = {
  name: 'autocannon',
  version: () => JSON.parse(readFileSync(join(ROOT, 'node_modules/autocannon/package.json'), 'utf8')).version,
  getIt: 'npm ci',
  loop: 'open',
  command: ({ url, ratePerSec, seconds, connections }) => [
    process.execPath,
    join(ROOT, 'node_modules/autocannon/autocannon.js'),
    ...['-j', '-n', '-c', `${connections}`, '-R', `${ratePerSec}`, '-d', `${seconds}`, url],
  ],
  read: (stdout) => {
    const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<
      'errors' | 'non2xx' | 'resets',
      number
    > & {
      latency: { p99: number };
    };
    return {
      failures: result.errors + result.non2xx,
      detail: occurred({ errors: result.errors, resets: result.resets, 'non-2xx': result.non2xx }),
      p99Ms: result.latency.p99,
      ...NOT_TOLD,
    };
  },
};

const wrk: Generator = {
  name: 'wrk',
  version: () => versionOf('wrk', ['-v'], /wrk \S*?(\d[\w.]*)/),
  getIt: 'apt-get install wrk',
  loop: 'closed',
  command: ({ url, seconds, connections }) => [
    'wrk',
    ...['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency', url],
  ],
  read: (stdout) => {
    const p99 = milliseconds(/99%\s+(\S+)/.exec(stdout)?.[1]);
    if (p99 === null) throw new Error('wrk did not report');
    const [, connect = 0, read = 0, write = 0, timeout = 0] = (
      /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout) ?? []
    ).map(Number);
    const non2xx = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
    return {
      failures: connect + read + write + timeout + non2xx,
      detail: occurred({ connect, read, write, timeout, 'non-2xx': non2xx }),
      p99Ms: p99,
      ...NOT_TOLD,
    };
  },
};

const hey: Generator = {
  name: 'hey',
  // It does not know its own version; Debian does.
  version: () =>
    versionOf('hey', ['-h'], /^$/) === null
      ? null
      : versionOf('dpkg-query', ['-W', '-f', '${Version}', 'hey'], /^(\S+)/),
  getIt: 'apt-get install hey',
  loop: 'open',
  command: ({ url, ratePerSec, seconds, connections }) => [
    'hey',
    // Its rate is that of each worker.
    ...['-z', `${seconds}s`, '-c', `${connections}`, '-q', `${ratePerSec / connections}`, url],
  ],
  read: (stdout) => {
    if (!/Latency distribution|Error distribution/.test(stdout)) throw new Error('hey did not report');
    const errors = sumOf(/Error distribution:\n([\s\S]*?)(\n\n|$)/.exec(stdout)?.[1], /^\s*\[(\d+)\]/gm);
    const statuses = /Status code distribution:\n([\s\S]*?)\n\n/.exec(stdout)?.[1];
    const wrong = sumOf(statuses, /^\s*\[[^2]\d\d\]\s+(\d+)/gm);
    const p99 = /99%+ in ([\d.]+) secs/.exec(stdout)?.[1];
    return {
      failures: errors + wrong,
      detail: occurred({ errors, 'non-2xx': wrong }),
      p99Ms: p99 === undefined ? null : Number(p99) * 1000,
      ...NOT_TOLD,
    };
  },
};

const h2load: Generator = {
  name: 'h2load',
  version: () => versionOf('h2load', ['--version'], /nghttp2\/(\S+)/),
  getIt: 'apt-get install nghttp2-client',
  loop: 'open',
  command: ({ url, ratePerSec, seconds, connections, folder }) => [
    'h2load',
    // Its rate is that of each client, that is, connection.
    ...[
      '--h1',
      '-c',
      `${connections}`,
      '-D',
      `${seconds}`,
      '--rps',
      `${Math.max(1, Math.round(ratePerSec / connections))}`,
    ],
    ...['--log-file', join(folder, 'h2load.log'), url],
  ],
  read: (stdout, { folder }) => {
    const counts = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(stdout);
    if (counts === null) throw new Error('h2load did not report');
    const [, failed = 0, errored = 0, timeout = 0] = counts.map(Number);
    const durations = readFileSync(join(folder, 'h2load.log'), 'utf8')
      .split('\n')
      .map((line) => Number(line.split('\t')[2]))
      .filter((us) => us >= 0)
      .sort((a, b) => a - b);
    const p99 = durations[Math.ceil(durations.length * 0.99) - 1];
    return {
      // What errored or timed out is among what failed.
      failures: failed,
      detail: occurred({ failed, errored, timeout }),
      p99Ms: p99 === undefined ? null : p99 / 1000,
      ...NOT_TOLD,
    };
  },
};

/** The peers, as they come from npm and Debian. */
export const GENERATORS: readonly Generator[] = [autocannon, wrk, hey, h2load];

/** Counts that are not zero, by name; the empty text where there are none. */
export function occurred(counts: Record<string, number>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.map(([name, count]) => `${name} ${count}`).join(', ');
}

function versionOf(program: string, argv: string[], pattern: RegExp): string | null {
  const { error, stdout, stderr } = spawnSync(program, argv, { encoding: 'utf8' });
  if (error !== undefined) return null;
  const [whole, version = 'installed'] = pattern.exec(`${stdout}${stderr}`) ?? [];
  return whole === undefined ? 'installed' : version;
}

function sumOf(text: string | undefined, pattern: RegExp): number {
  return [...(text ?? '').matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** `2.71ms`, `693.00us`, `1.02s` as wrk prints them. */
function milliseconds(text: string | undefined): number | null {
  const [, value, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? '') ?? [];
  if (value === undefined) return null;
  return Number(value) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit as 'us' | 'ms' | 's' | 'm'];
}
