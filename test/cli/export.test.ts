import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sample } from '../../src/model/sample.js';
import { type RunFolder, runFolder } from '../record/run-folder.js';
import { anySample, plainSamples } from '../record/samples.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let run: RunFolder;
beforeEach(async () => {
  run = await runFolder();
});
afterEach(() => run.remove());

function zdd(...args: string[]): SpawnSyncReturns<string> {
  const options = { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 2 ** 28 } as const;
  return spawnSync(process.execPath, [MAIN, 'export', ...args], options);
}

/** What an export must say of a sample. */
function rowOf({ outcome, ...sample }: Sample): Record<string, unknown> {
  return {
    seq: sample.seq,
    flow: sample.flow,
    connection: sample.connection,
    connection_id: sample.connectionId,
    reuse: sample.reuse,
    idle_ms: sample.idleMs,
    due_ms: sample.dueAt,
    sent_ms: sample.sentAt,
    connected_ms: sample.connectedAt,
    first_byte_ms: sample.firstByteAt,
    ended_ms: sample.endedAt,
    outcome: outcome.kind,
    cause: 'cause' in outcome ? outcome.cause : null,
    status: 'status' in outcome ? outcome.status : null,
    detail: ('detail' in outcome ? outcome.detail : '') || null,
    version: sample.version,
    bytes: sample.bytes,
    cached: sample.cached,
    phase: 'warmup',
  };
}

describe('export', () => {
  const samples = fc.sample(anySample, { numRuns: 300, seed: 7 });

  it('writes every sample as one JSON object a line', async () => {
    await run.write(samples);
    const { status, stdout, stderr } = zdd(run.dir, '--ndjson');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(samples.map(rowOf));
  });

  it('writes CSV that another parser reads back, with line ends and quotes in its texts', async () => {
    await run.write(samples);
    const { status, stdout } = zdd(run.dir, '--csv');
    expect(status).toBe(0);
    const rows: Record<string, string>[] = parse(stdout, { columns: true, recordDelimiter: '\r\n' });
    const asText = (row: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === null ? '' : String(value)]));
    expect(rows).toEqual(samples.map((sample) => asText(rowOf(sample))));
  });

  it('names the phase that a request is attributed to', async () => {
    const phase = (at: number, name: string) => ({ type: 'phase', at, name, kind: 'custom', role: 'release' }) as const;
    await run.write(plainSamples(4), { events: [phase(1, 'one'), phase(2.5, 'two')] });
    const rows = zdd(run.dir, '--ndjson').stdout.trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row).phase)).toEqual(['warmup', 'one', 'two', 'two']);
  });

  it('writes to a file, and over one that is there only where it is told to', async () => {
    await run.write(plainSamples(3));
    const path = join(run.dir, 'out.csv');
    await writeFile(path, 'mine');
    const refused = zdd(run.dir, '--csv', '--out', path);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('--force');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(zdd(run.dir, '--csv', '--out', path, '--force')).toMatchObject({ status: 0, stdout: `${path}\n` });
    expect(readFileSync(path, 'utf8').split('\r\n')).toHaveLength(5);
  });

  it('never writes over the record, and leaves no half of a file behind', async () => {
    await run.write(plainSamples(3));
    const record = join(run.dir, 'samples.arrow');
    expect(zdd(run.dir, '--csv', '--out', record, '--force')).toMatchObject({ status: 2 });
    await writeFile(record, 'damaged, but long enough');
    const path = join(run.dir, 'out.csv');
    expect(zdd(run.dir, '--csv', '--out', path).stderr).toContain('no readable record');
    expect(existsSync(path)).toBe(false);
  });

  it('ends quietly when its reader has seen enough', async () => {
    await run.write(plainSamples(60_000), { perBatch: 60_000 });
    const child = spawn(process.execPath, [MAIN, 'export', run.dir, '--csv'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await once(child, 'exit');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('asks for one format', async () => {
    expect(zdd(run.dir)).toMatchObject({ status: 2, stderr: expect.stringContaining('--csv or --ndjson') });
    expect(zdd(run.dir, '--csv', '--ndjson')).toMatchObject({ status: 2 });
  });
});
