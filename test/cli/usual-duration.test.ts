import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { usualDurationMs } from '../../src/cli/base-runs.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zdd-usual-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function earlier(name: string, durationMs: number, rest: object = {}): Promise<void> {
  await mkdir(join(folder, name));
  const run = {
    runId: name,
    scenario: { name: 'shop' },
    startedAt: '2026-11-20T10:00:00.000Z',
    durationMs,
    cut: false,
    verdict: 'zero-downtime',
    release: 'completed',
    gate: 'pass',
    generator: { healthy: true },
    ...rest,
  };
  await writeFile(join(folder, name, 'run.json'), JSON.stringify(run));
}

it('is the median of the last five completed runs of the scenario', async () => {
  await earlier('20261119-100000-aaaaaa', 900_000);
  for (const [n, seconds] of [61, 64, 60, 300, 62].entries())
    await earlier(`2026112${n}-100000-aaaaaa`, seconds * 1000);
  expect(usualDurationMs(folder, 'shop')).toBe(62_000);
});

it('leaves out runs that were cut or not completed, those of others, and what is no run', async () => {
  await earlier('20261120-100000-aaaaaa', 60_000);
  await earlier('20261120-110000-aaaaaa', 5_000, { release: 'rolled-back' });
  await earlier('20261120-120000-aaaaaa', 6_000, { cut: true });
  await earlier('20261120-130000-aaaaaa', 7_000, { scenario: { name: 'other' } });
  await mkdir(join(folder, 'empty'));
  await writeFile(join(folder, 'run.json'), '{');
  expect(usualDurationMs(folder, 'shop')).toBe(60_000);
});

it('is unknown without an earlier run, or a folder of them', async () => {
  expect(usualDurationMs(folder, 'shop')).toBeNull();
  expect(usualDurationMs(join(folder, 'none'), 'shop')).toBeNull();
});
