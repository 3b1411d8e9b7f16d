import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asText, digits, mebibytes, type Section } from './table.ts';

/** What recording, judging and reporting so many requests took. */
interface Row {
  rows: number;
  bytes: number;
  recordCpuMs: number;
  recordRssBytes: number;
  judgeSeconds: number;
  judgeCpuSeconds: number;
  reportSeconds: number;
  reportCpuSeconds: number;
  reportRssBytes: number;
}

/**
 * Records so many synthetic requests (10,000/s of a run's own time, as fast as they can be written), then judges and
 * reports the record. Each step is a process of its own, so that its memory is its own. Needs `dist/`, and about 100
 * bytes of disk a request while it works.
 */
export async function recordBench(counts: readonly number[]): Promise<void> {
  const rows: Row[] = [];
  for (const count of counts) rows.push(await measure(count));
  process.stdout.write(asText(sectionOf(rows)));
}

async function measure(count: number): Promise<Row> {
  const parent = await mkdtemp(join(tmpdir(), 'zdd-bench-'));
  try {
    const dir = join(parent, 'run');
    const recorded = await ask(new URL('./synthetic-record.mjs', import.meta.url), [String(count), dir]);
    const reported = await ask(new URL('./report-record.mjs', import.meta.url), [dir]);
    if (reported.problems.length > 0) throw new Error(`the record is not whole: ${reported.problems.join('; ')}`);
    return {
      rows: recorded.rows,
      bytes: recorded.bytes,
      recordCpuMs: recorded.cpuMs,
      recordRssBytes: recorded.rssKb * 1024,
      judgeSeconds: reported.judgeSeconds,
      judgeCpuSeconds: reported.judgeCpuSeconds,
      reportSeconds: reported.reportSeconds,
      reportCpuSeconds: reported.reportCpuSeconds,
      reportRssBytes: reported.rssKb * 1024,
    };
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** Runs a script of this folder and reads the JSON it prints. */
// biome-ignore lint/suspicious/noExplicitAny: each script has a shape of its own
export async function ask(script: URL, args: string[]): Promise<any> {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${script.pathname} ended with ${code}`);
  return JSON.parse(text);
}

function sectionOf(rows: readonly Row[]): Section {
  const micros = (row: Row) => digits((row.recordCpuMs * 1000) / row.rows);
  return {
    title: 'Recording, judging and reporting',
    columns: [
      'requests',
      'disk MiB',
      'bytes/request',
      'record us/request',
      'record RSS MiB',
      'judge s (CPU)',
      'report s (CPU)',
      'judge + report RSS MiB',
    ],
    rows: rows.map((row) => [
      digits(row.rows),
      mebibytes(row.bytes),
      digits(row.bytes / row.rows),
      micros(row),
      mebibytes(row.recordRssBytes),
      `${digits(row.judgeSeconds)} (${digits(row.judgeCpuSeconds)})`,
      `${digits(row.reportSeconds)} (${digits(row.reportCpuSeconds)})`,
      mebibytes(row.reportRssBytes),
    ]),
    notes: [
      'record: CPU time of making up and recording a request; judge: the record read back, folded and judged;',
      'report: every output written. In brackets the CPU time, which a busy machine changes less. RSS: the highest resident memory of the process.',
    ],
    data: rows,
  };
}
