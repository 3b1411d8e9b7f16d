import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { type Workplace, workplace } from './run-cli.ts';
import { smallScenario } from './scenarios.ts';

let server: FaultServer;
let place: Workplace;
let lock: string;
beforeEach(async () => {
  server = await startFaultServer({ version: 'v1' });
  place = workplace();
  const name = createHash('sha256').update(server.url).digest('hex').slice(0, 16);
  lock = join(tmpdir(), `zdd-verify-${name}.lock`);
});
afterEach(async () => {
  rmSync(lock, { force: true });
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

it('says what the runs before proved where a further one of several cannot be made', async () => {
  // The first run hands its target over to another process: this one.
  const on = [{ event: 'finished', run: `echo '{ "pid": ${process.pid}, "startTicks": null }' > ${lock}` }];
  const steps = [{ name: 'switch', run: 'true', hold: '500ms' }];
  const { code, stderr, runJson } = await place.run([
    'run',
    place.scenario(smallScenario({ url: server.url, steps, on })),
    '--repeat',
    '3',
  ]);
  expect(runJson).toMatchObject({ verdict: 'zero-downtime', exitCode: 0 });
  expect(stderr).toContain('0 of 1 deploy were bad');
  expect(stderr).toContain('2 of 3 were not run.');
  expect(stderr).toMatch(new RegExp(`error TARGET_LOCKED: process ${process.pid} is already driving traffic at`));
  expect(code).toBe(1);
  const reports = join(place.folder, 'reports');
  const file = readdirSync(reports).find((entry) => entry.startsWith('deploys-')) ?? 'none';
  expect(existsSync(join(reports, file))).toBe(true);
  expect(JSON.parse(readFileSync(join(reports, file), 'utf8'))).toMatchObject({ planned: 3, good: 1 });
});
