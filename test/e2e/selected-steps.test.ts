import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { type Workplace, workplace } from './run-cli.ts';
import { endOf } from './run-json.ts';
import { smallScenario } from './scenarios.ts';

let server: FaultServer;
let place: Workplace;
beforeEach(async () => {
  server = await startFaultServer({ version: 'v1' });
  place = workplace();
});
afterEach(async () => {
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

const steps = [
  { name: 'build', run: 'true', hold: '500ms' },
  { name: 'switch', run: 'touch switched', hold: '0s' },
];
const rollback = [{ name: 'back', run: 'touch back', hold: '0s' }];
const NOTE = 'none of these steps moves traffic: the rollback is not rehearsed';

const scenario = (): string =>
  place.scenario(smallScenario({ url: server.url, steps, rollback, rehearsal: 'rollback' }));
const there = (name: string): boolean => existsSync(join(place.folder, name));

describe('some of the steps', () => {
  it('that leave users where they are: no rollback is rehearsed, and that is said', async () => {
    const result = await place.run(['run', scenario(), '--only', 'build', '--repeat', '2']);
    expect(result.stderr).toContain(NOTE);
    expect(endOf(result)).toBe('completed');
    expect(there('back')).toBe(false);
  });

  it.each([
    ['of which none moves traffic', ['--skip', 'switch'], false],
    [
      'of which none moves traffic, where the rehearsal is asked for',
      ['--only', 'build', '--rehearsal', 'rollback'],
      true,
    ],
    ['of which one moves traffic', ['--only', 'switch'], true],
  ])('%s, in a dry run', async (_, flags, rehearsed) => {
    const { code, stderr } = await place.run(['run', scenario(), ...flags, '--dry-run']);
    expect(code).toBe(0);
    expect(stderr.includes(NOTE)).toBe(!rehearsed);
    expect(/^rollback +back/m.test(stderr)).toBe(rehearsed);
  });
});
