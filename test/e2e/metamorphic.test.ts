import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { type Workplace, workplace } from './run-cli.ts';
import type { RunJson } from './run-json.ts';
import { smallScenario, TRAFFIC, tell } from './scenarios.ts';

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

const SWITCH = { do: 'version', value: 'v2' };
const FAULTS: [string, object[]][] = [
  ['nobody listens for a while', [{ do: 'refuse', forMs: 700 }]],
  [
    'connections are reset',
    [
      { do: 'fault', fault: 'rst', every: 4, times: 8, path: TRAFFIC },
      { do: 'until', fault: 'rst', total: 8 },
    ],
  ],
  ['nothing is answered for a while', [{ do: 'stall', forMs: 1500 }]],
];

/** The run of a release with these faults in it. */
async function released(
  faults: object[],
  traffic: { rate?: string; keepalive?: string } = {},
  version = SWITCH,
): Promise<RunJson> {
  await server.version('v1');
  const { runJson } = await place.run([
    'run',
    place.scenario(
      smallScenario({
        url: server.url,
        ...traffic,
        steps: [{ name: 'switch', run: tell(server, ...faults, version), hold: '2s' }],
        target: { url: server.url, timeout: '2s', version: { header: 'x-release' } },
        thresholds: { latency: ['p(99)<10000'] },
      }),
    ),
  ]);
  if (runJson === null) throw new Error('no result');
  return runJson;
}

/** Facts: more evidence may name another cause. */
const breaches = ({ findings }: RunJson): string[] =>
  findings
    .filter(({ severity, confidence }) => severity === 'breach' && confidence === undefined)
    .map(({ rule, phase }) => `${rule} in ${phase}`);

describe.each(FAULTS)('where %s', (_, faults) => {
  it('twice the rate is no less downtime', async () => {
    const [slow, fast] = [await released(faults), await released(faults, { rate: '100/s' })];
    expect(slow.verdict).toBe('downtime');
    expect(fast.verdict).toBe('downtime');
  });
});

describe('a release', () => {
  it('that fails on fresh connections fails no less with reused ones beside them', async () => {
    const faults = FAULTS[0]?.[1] ?? [];
    const fresh = await released(faults, { keepalive: '0%' });
    const both = await released(faults, { keepalive: '60%' });
    expect(breaches(fresh).length).toBeGreaterThan(0);
    expect(breaches(both)).toEqual(expect.arrayContaining(breaches(fresh)));
  });

  it('that does nothing to a good server is never downtime', async () => {
    const { verdict, cause } = await released([], {}, { do: 'version', value: 'v1' });
    expect(verdict).toBe('inconclusive');
    expect(cause?.rule).toBe('nothing-released');
  });
});
