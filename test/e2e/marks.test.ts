import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { eventually } from './processes.ts';
import { readLines, type Workplace, workplace } from './run-cli.ts';
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

interface PhaseEvent {
  type: string;
  name: string;
  at: number;
}

describe('marks of a run', () => {
  it('that were made before the baseline was over are left out', async () => {
    const steps = [{ name: 'switch', run: 'zdd-verify mark reload; sleep 0.3', hold: '300ms' }];
    const scenario = smallScenario({ url: server.url, steps, warmup: '1s', baseline: '4s' });
    const cli = place.start(['run', place.scenario(scenario)]);
    const phases = (dir: string) => readLines<PhaseEvent>(dir, 'journal.ndjson').filter(({ type }) => type === 'phase');
    for (const phase of ['warmup', 'baseline']) {
      await eventually(`the ${phase} is under way`, () => {
        const [dir] = place.runDirs();
        return dir !== undefined && phases(dir).some(({ name }) => name === phase) ? true : null;
      });
      expect((await place.run(['mark', 'early'], { ZDD_RUN: place.runDirs()[0]! })).code).toBe(0);
    }
    const result = await cli.ended;
    expect(endOf(result)).toBe('completed');
    const journal = readFileSync(join(result.dir!, 'journal.ndjson'), 'utf8');
    expect(journal).toContain('what was marked before the baseline was over is left out');
    expect(phases(result.dir!).map(({ name }) => name)).toEqual(['warmup', 'baseline', 'switch', 'reload']);
    const starts = phases(result.dir!).map(({ at }) => at);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    const baseline = result.runJson!.phases.find(({ name }) => name === 'baseline')!;
    expect(baseline.requests).toBeGreaterThan(150);
  });

  it('that cannot be read are a fault, and neither the release nor its rollback is kept from going on', async () => {
    const steps = [
      { name: 'switch', run: 'mkdir "$ZDD_RUN/marks.ndjson"; sleep 0.3', hold: '300ms' },
      { name: 'fail', run: 'touch reached; exit 3', hold: '0s' },
    ];
    const rollback = [{ name: 'back', run: 'touch back', hold: '300ms' }];
    const { runJson, stderr } = await place.run([
      'run',
      place.scenario(smallScenario({ url: server.url, steps, rollback })),
    ]);
    expect(runJson).toMatchObject({ release: 'rolled-back', verdict: 'inconclusive' });
    expect(runJson!.phases.map(({ name }) => name)).toEqual(['baseline', 'switch', 'fail', 'back']);
    expect(stderr.match(/the marks cannot be read/g)?.length).toBeGreaterThan(0);
    expect(runJson!.reasons.filter((reason) => reason.includes('the marks cannot be read'))).toHaveLength(1);
  });
});
