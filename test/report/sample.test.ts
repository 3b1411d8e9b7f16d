import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeRecord, writeOutputs } from '../../src/cli/results.js';

const SAMPLE = fileURLToPath(new URL('../../reports/sample/', import.meta.url));
const RECORD = ['journal.ndjson', 'samples.arrow'];
/** All outputs but the picture, whose bytes depend on the drawing library's build. */
const TEXTS = ['run.json', 'report.html', 'timeline.svg', 'summary.md', 'junit.xml', 'metrics.txt', 'latency.hlog'];

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'zdd-sample-'));
  for (const file of RECORD) await cp(join(SAMPLE, file), join(dir, file));
  await writeOutputs(dir, await judgeRecord(dir));
  if (process.env.ZDD_UPDATE_SAMPLE === '1') {
    for (const file of [...TEXTS, 'timeline.png']) await cp(join(dir, file), join(SAMPLE, file));
  }
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('the checked-in run of reports/sample (renewed with ZDD_UPDATE_SAMPLE=1)', () => {
  it.each(TEXTS)('gives the same %s from its record, byte for byte', async (file) => {
    expect(await readFile(join(dir, file), 'utf8')).toBe(await readFile(join(SAMPLE, file), 'utf8'));
  });

  it('is a release whose restart refused users for most of a second, and says so', async () => {
    const run = JSON.parse(await readFile(join(SAMPLE, 'run.json'), 'utf8'));
    expect(run).toMatchObject({
      verdict: 'downtime',
      release: 'completed',
      gate: 'fail',
      exitCode: 99,
      servesNow: 'v1',
    });
    expect(run.totals.requests).toBe(run.totals.ok + run.totals.failed + run.totals.retryable + run.totals.blocked);
  });
});
