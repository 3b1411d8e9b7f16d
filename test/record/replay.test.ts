import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent, RunHeader } from '../../src/model/event.js';
import { fromRow, type Sample, toRow } from '../../src/model/sample.js';
import { Recorder } from '../../src/record/recorder.js';
import { replay } from '../../src/record/replay.js';

const HEADER = {
  type: 'header',
  schema: 'zdd-verify/journal/v1',
  runId: 'r',
  scenario: { name: 'secret-token' },
} as unknown as RunHeader;
const SAMPLE: Sample = {
  seq: 0,
  flow: 'home',
  connection: 'reused',
  connectionId: 4,
  reuse: 2,
  idleMs: 12.5,
  dueAt: 100,
  sentAt: 100.4,
  connectedAt: 100.5,
  firstByteAt: 103,
  endedAt: 103.2,
  outcome: { kind: 'ok', status: 200 },
  version: 'v1',
  bytes: 12,
};

let dir: string;
let heard: (RunEvent | Sample)[];
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'zdd-record-')), 'run');
  heard = [];
});
afterEach(() => rm(join(dir, '..'), { recursive: true, force: true }));

async function recorded(): Promise<Recorder> {
  return Recorder.create(dir, {
    redact: (value) => JSON.parse(JSON.stringify(value).replaceAll('secret-token', '[redacted]')),
    onFault: (reason) => {
      throw new Error(reason);
    },
    listener: { event: (event) => heard.push(event), sample: (sample) => heard.push(sample) },
  });
}

async function readBack(): Promise<(RunEvent | Sample)[]> {
  const seen: (RunEvent | Sample)[] = [];
  await replay(dir, () => ({ event: (event) => seen.push(event), sample: (sample) => seen.push(sample) }));
  return seen;
}

async function written(): Promise<void> {
  const recorder = await recorded();
  recorder.event(HEADER);
  recorder.event({ type: 'note', at: 5, text: 'the token is secret-token' });
  for (let seq = 0; seq < 50; seq += 1) recorder.samples([toRow({ ...SAMPLE, seq })]);
  await recorder.close();
}

describe('the record', () => {
  it('reads back what was heard while it was written', async () => {
    await written();
    expect(await readBack()).toEqual(heard);
    expect(heard).toHaveLength(52);
  });

  it('holds no secret, in the files or in what is heard', async () => {
    await written();
    expect(JSON.stringify(heard)).not.toContain('secret-token');
    expect(await readFile(join(dir, 'journal.ndjson'), 'utf8')).not.toContain('secret-token');
  });

  it('leaves out a torn last line of either file', async () => {
    await written();
    const samples = join(dir, 'samples.ndjson');
    const { length } = await readFile(samples);
    await truncate(samples, length - 10);
    await appendFile(join(dir, 'journal.ndjson'), '{"type":"no');
    const seen = await readBack();
    expect(seen).toEqual(heard.slice(0, -1));
  });

  it('refuses a record that is damaged before its last line', async () => {
    await written();
    const samples = join(dir, 'samples.ndjson');
    const lines = (await readFile(samples, 'utf8')).split('\n');
    lines[7] = '[1,2';
    await writeFile(samples, lines.join('\n'));
    await expect(readBack()).rejects.toThrow(/samples\.ndjson:8 is damaged/);
  });

  it('refuses a folder that holds no run, and says what to give', async () => {
    await expect(replay('/tmp/zdd-nothing-here', () => ({ event: () => {}, sample: () => {} }))).rejects.toMatchObject({
      code: 'RECORD_UNREADABLE',
      hint: expect.stringContaining('run directory'),
    });
  });

  it('refuses samples with other columns', async () => {
    await written();
    await writeFile(join(dir, 'samples.ndjson'), '["seq","other"]\n');
    await expect(readBack()).rejects.toThrow(/other columns/);
  });

  it('refuses to write into a run directory that exists', async () => {
    await written();
    await expect(recorded()).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});

describe('a sample', () => {
  it.each<Sample['outcome']>([
    { kind: 'ok', status: 204 },
    { kind: 'wrong', cause: 'expectation', status: 200, detail: 'no header x' },
    { kind: 'lost', cause: 'truncated', status: 200, detail: 'FIN' },
    { kind: 'retryable', cause: 'reset', status: null, detail: 'ECONNRESET' },
    { kind: 'unsent', cause: 'late', detail: '700 ms late' },
  ])('is the same after a row and back: $kind', (outcome) => {
    const sample = { ...SAMPLE, outcome };
    expect(fromRow(toRow(sample))).toEqual(sample);
  });
});
