import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.ts';
import { pinned } from './measured-process.ts';
import { startNginx } from './nginx.ts';
import { asText, digits, type Section } from './table.ts';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const SECONDS = 30;
/** Shards, and arrivals per second of all of them together. */
const LOADS: readonly (readonly [number, number])[] = [
  [1, 2_000],
  [4, 2_000],
  [1, 8_000],
  [4, 8_000],
];

interface RunJson {
  durationMs: number;
  verdict: string;
  exitCode: number;
  totals: { requests: number; failed: number; unsent: number };
  generator: {
    due: number;
    cpu: number;
    latenessMs: { p50: number; p99: number };
    healthy: boolean;
    shards?: { due: number; clockErrorMs: number | null; driftMs: number | null }[];
  };
}

interface Row {
  shards: number;
  ratePerSec: number;
  served: number;
  joinSeconds: number;
  run: RunJson;
}

/** One schedule from one process and from several, all on the generator's core, against one nginx that counts. */
export async function shardBench(): Promise<void> {
  const rows: Row[] = [];
  for (const [shards, ratePerSec] of LOADS) rows.push(await measure(shards, ratePerSec));
  process.stdout.write(asText(sectionOf(rows)));
}

async function measure(shards: number, ratePerSec: number): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-bench-shards-'));
  const nginx = await startNginx();
  try {
    const port = await freePort();
    const file = join(folder, 'scenario.json');
    writeFileSync(file, JSON.stringify(scenario(nginx.url, ratePerSec)));
    const start = (number: number) => {
      const where = number === 1 ? ['--listen', `127.0.0.1:${port}`] : ['--conductor', `127.0.0.1:${port}`];
      const shard = shards === 1 ? [] : ['--shard', `${number}/${shards}`, ...where];
      const argv = pinned('generator', [process.execPath, CLI, 'run', '--quiet', '--out', join(folder, `${number}`)]);
      const env = { ...process.env, ZDD_SHARD_TOKEN: 'only-for-this-bench' };
      return spawn(argv[0] as string, [...argv.slice(1), ...shard, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env,
      });
    };
    const processes = Array.from({ length: shards }, (_, index) => start(index + 1));
    let stdout = '';
    processes[0]?.stdout.on('data', (piece) => {
      stdout += piece;
    });
    await Promise.all(processes.map((each) => once(each, 'close')));
    const overAt = Date.now();
    const dir = stdout.trimEnd().split('\n').at(-1) ?? '';
    const run = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')) as RunJson;
    const [header, ended] = [/"startedAt":"([^"]+)"/, /"type":"traffic-ended","at":([\d.]+)/].map(
      (pattern) => pattern.exec(readFileSync(join(dir, 'journal.ndjson'), 'utf8'))?.[1] ?? '',
    );
    const endedAt = Date.parse(header as string) + Number(ended);
    const { requests: served } = await nginx.counts();
    return { shards, ratePerSec, served, joinSeconds: (overAt - endedAt) / 1000, run };
  } finally {
    await nginx.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function scenario(url: string, ratePerSec: number): object {
  const hold = `${(SECONDS - 2) / 2}s`;
  return {
    version: 1,
    name: 'shards',
    target: { url, timeout: '10s' },
    traffic: {
      rate: `${ratePerSec}/s`,
      connections: { keepalive: '100%', fresh: '0%', pool: 40 },
      mix: [{ name: 'home', get: '/traffic' }],
    },
    warmup: '2s',
    baseline: hold,
    steps: [{ name: 'deploy', run: 'true', hold }],
    rehearsal: 'none',
  };
}

function sectionOf(rows: readonly Row[]): Section {
  return {
    title: `One schedule from several processes, ${SECONDS} s, nginx on the other core`,
    columns: [
      'shards',
      'arrivals/s',
      'due',
      'served',
      'failed',
      'unsent',
      'late p50',
      'late p99',
      'clock',
      'drift',
      'judged after',
      'exit',
    ],
    rows: rows.map(({ shards, ratePerSec, served, joinSeconds, run }) => {
      const { due, latenessMs, shards: parts = [] } = run.generator;
      const most = (values: (number | null)[]) =>
        values.length === 0 ? null : Math.max(...values.map((value) => Math.abs(value ?? 0)));
      return [
        String(shards),
        digits(ratePerSec),
        digits(due),
        digits(served),
        digits(run.totals.failed),
        digits(run.totals.unsent),
        `${digits(latenessMs.p50)} ms`,
        `${digits(latenessMs.p99)} ms`,
        `${digits(most(parts.map(({ clockErrorMs }) => clockErrorMs)))} ms`,
        `${digits(most(parts.map(({ driftMs }) => driftMs)))} ms`,
        `${digits(joinSeconds)} s`,
        String(run.exitCode),
      ];
    }),
    notes: [
      'due: all arrivals, those of the warm-up included; served: all that nginx counted, one question before them included; unsent: after the warm-up',
      'judged after: from the last request to the verdict, with the records of the other shards handed over and joined',
    ],
    data: rows,
  };
}
