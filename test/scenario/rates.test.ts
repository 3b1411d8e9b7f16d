import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { constantRate, rateAt } from '../../src/model/rate.js';
import { checkShards, defaultThreads } from '../../src/scenario/traffic.js';
import { failure, load, MINIMAL, told, withLine } from './scenarios.js';

/** MINIMAL with other lines in the place of its rate (line 6). */
const rated = (...lines: string[]) => withLine(6, lines.map((line) => `  ${line}`).join('\n'));
const RAMP = 'executor: ramping-arrival-rate';

async function rateOf(...lines: string[]) {
  const { traffic } = await load(rated(...lines));
  return traffic.streams[0]?.rate;
}

describe('the rate of the mix', () => {
  it('is read in the forms of k6', async () => {
    expect(await rateOf('executor: constant-arrival-rate', 'rate: 200', 'timeUnit: 1s')).toEqual(constantRate(200));
    expect(await rateOf('rate: 600000', 'timeUnit: 1m')).toEqual(constantRate(10_000));
    expect(await rateOf('rate: 90/m')).toEqual(constantRate(1.5));
  });

  it('ramps in straight lines from stage to stage, and stays at the last', async () => {
    const stages =
      'stages: [{ target: 600, duration: 2s }, { target: 600, duration: 1m }, { target: 0, duration: 0s }, { target: 1200, duration: 10s }]';
    expect(await rateOf(RAMP, 'startRate: 60', 'timeUnit: 1m', stages)).toEqual([
      { at: 0, fromPerSec: 1, toPerSec: 10, forMs: 2000 },
      { at: 2000, fromPerSec: 10, toPerSec: 10, forMs: 60_000 },
      { at: 62_000, fromPerSec: 0, toPerSec: 20, forMs: 10_000 },
      { at: 72_000, fromPerSec: 20, toPerSec: 20, forMs: null },
    ]);
  });

  it('begins at nothing where a ramp names no beginning, as with k6', async () => {
    const rate = (await rateOf(RAMP, 'stages: [{ target: 100/s, duration: 2s }]')) ?? [];
    expect([rateAt(rate, 0), rateAt(rate, 1000), rateAt(rate, 1e9)]).toEqual([0, 50, 100]);
  });

  it('has no holes between its pieces, whatever the stages', async () => {
    const stage = fc.record({ target: fc.integer({ min: 1, max: 1000 }), seconds: fc.integer({ min: 0, max: 100 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(stage, { minLength: 1, maxLength: 5 }), async (stages) => {
        const text = stages.map(({ target, seconds }) => `{ target: ${target}, duration: ${seconds}s }`).join(', ');
        // The baseline begins where the last of these ramps ends.
        const content = `${rated(RAMP, 'startRate: 1', `stages: [${text}]`)}warmup: 9m\n`;
        const rate = (await load(content)).traffic.streams[0]?.rate ?? [];
        expect(rate[0]?.at).toBe(0);
        for (const [index, piece] of rate.entries()) {
          const next = rate[index + 1];
          expect(piece.forMs === null ? undefined : piece.at + piece.forMs).toBe(next?.at);
        }
        expect(rate.at(-1)?.toPerSec).toBe(stages.at(-1)?.target);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['rate: 200/s', 'timeUnit: 1s', '6:9', '`200/s` has a unit, and `timeUnit` gives another'],
    ['rate: 5', 'timeUnit: 2h', '7:13', 'too long'],
    ['rate: 60000000', 'timeUnit: 1m', '6:9', 'more than all shards send: at most 200,000/s'],
    ['rate: 5', 'stages: [{ target: 1, duration: 1s }]', '7:3', '`stages` belongs to a ramp'],
    ['rate: 5', 'startRate: 1', '7:3', '`startRate` belongs to a ramp'],
    [RAMP, 'startRate: 5', '5:1', 'is missing: expected stages'],
    [RAMP, 'stages: []', '7:11', 'is an empty list'],
    [RAMP, 'stages: [{ target: 5 }]', '7:12', 'is missing: expected a duration'],
    [RAMP, 'stages: [{ target: 5, duration: 5 }]', '7:35', 'has no unit'],
    [RAMP, 'stages: [{ target: 600000, duration: 1s }]', '7:22', 'more than all shards send'],
    [RAMP, 'stages: [{ target: 5, duration: 1s }, { target: 0, duration: 1s }]', '7:51', 'too slow'],
    [RAMP, 'stages: [{ target: 5, duration: 10s }]', '7:3', 'the rate still changes in the baseline (until 10.0 s'],
    ['rate: 5', 'preAllocatedVUs: 50', '7:3', 'an open loop has no virtual users'],
    ['rate: 5', 'maxVUs: 50', '7:3', 'an open loop has no virtual users'],
    ['rate: 5', 'duration: 1m', '7:3', 'the traffic lasts as long as the release'],
    ['rate: 5', 'executor: ramping-vus', '7:13', '`ramping-vus` waits for answers'],
    ['rate: 5', 'executor: shared-iterations', '7:13', 'hides outages'],
    ['rate: 5', 'arrival: uniform', '7:12', 'one of `even`, `poisson`'],
    ['rate: 5', 'threads: 17', '7:12', 'too large: at most 16'],
    ['rate: 5', 'seed: -1', '7:9', 'too small'],
  ])('is refused as %s with %s', async (first, second, place, says) => {
    const error = await failure(rated(first, second));
    expect(error.problems, error.message).toHaveLength(1);
    expect(told(error)[0]).toContain(`${place} `);
    expect(error.message).toContain(says);
  });

  it('is refused in two ways at once where a ramp also has a constant rate', async () => {
    const error = await failure(rated(RAMP, 'rate: 5', 'stages: [{ target: 5, duration: 0s }]'));
    expect(told(error)).toEqual(['7:3 `rate` is that of a constant rate, and the executor ramps']);
  });

  it('may change before the baseline and after it', async () => {
    const stages = 'stages: [{ target: 5, duration: 1s }, { target: 5, duration: 31s }, { target: 50, duration: 9s }]';
    await expect(load(rated(RAMP, stages))).resolves.toBeDefined();
  });
});

describe('the rates of flows and steps', () => {
  const MIX = `    - { name: home, get: / }
    - { name: slow, get: /slow, rate: 5/s }
    - { name: export, get: /export, rate: 6/m, clients: 50 }`;

  it('make streams beside the mix', async () => {
    const { traffic } = await load(withLine(8, MIX));
    expect(traffic.streams).toEqual([
      { name: '', rate: constantRate(200) },
      { name: 'slow', rate: constantRate(5) },
      { name: 'export', rate: constantRate(0.1) },
    ]);
    expect(traffic.flows.map(({ stream, clients }) => [stream, clients])).toEqual([
      [0, 0],
      [1, 0],
      [2, 50],
    ]);
  });

  it('need no other where every flow has one', async () => {
    const only = withLine(8, '    - { name: a, get: /, rate: 5/s }').replace('  rate: 200/s\n', '');
    const { traffic } = await load(only);
    expect(traffic.streams).toEqual([{ name: 'a', rate: constantRate(5) }]);
    expect(traffic.flows[0]?.stream).toBe(0);
  });

  it('of a step are given to it', async () => {
    const { steps, rollback } = await load(
      `${withLine(10, '  - { name: build, run: a, rate: 20/s }\n  - { name: switch, run: b }')}rollback: { run: c, rate: 600/m }\n`,
    );
    expect([...steps, ...rollback].map(({ ratePerSec }) => ratePerSec)).toEqual([20, null, 10]);
  });

  it('leave room in flight for the highest of them all', async () => {
    const { traffic } = await load(withLine(10, '  - { name: build, run: a, rate: 1000/s }'));
    expect(traffic.maxInFlight).toBe(1000 * 5 * 1.5 + 100);
  });

  it.each([
    [
      withLine(8, '    - { get: /, rate: 5/s, weight: 2 }\n    - { get: /b }'),
      '8:36',
      '`weight` is a share of the mix',
    ],
    [withLine(8, '    - { get: /, rate: 5/s }'), '6:3', 'nothing arrives at this rate'],
    [withLine(8, '    - { get: /, rate: 0 }\n    - { get: /b }'), '8:23', 'too slow'],
    [withLine(8, '    - { get: /, clients: 0 }'), '8:26', 'too small'],
    [withLine(10, '  - { name: a, run: b, rate: fast }'), '10:30', 'expected a rate'],
    [
      withLine(10, '  - { name: a, run: b }\n  - { name: setup, run: c, rate: 5/s }'),
      '11:28',
      'no traffic runs beside',
    ],
    [
      withLine(8, '    - { get: /, rate: 5/s }').replace('  rate: 200/s\n', '').replace('.sh }', '.sh, rate: 5/s }'),
      '9:39',
      'there is no mix for this rate',
    ],
    [
      withLine(8, '    - { get: /, rate: 160000/s }\n    - { get: /b }').replace('200/s', '60000/s'),
      '8:5',
      'all rates together reach 220000/s; all shards send at most 200,000/s',
    ],
  ])('are refused: %#', async (content, place, says) => {
    const error = await failure(content);
    expect(error.problems, error.message).toHaveLength(1);
    expect(error.message).toContain(`scenario.yaml:${place}: `);
    expect(error.message).toContain(says);
  });
});

describe('rates of more than one harness', () => {
  const rates = withLine(8, '    - { get: /, rate: 30000/s }\n    - { get: /b }').replace('200/s', '20000/s');
  const dense = rates.replace('./switch.sh }', './switch.sh, rate: 130000/s }');

  it('take shards that each send 50,000/s at most, by the highest rate of any step', async () => {
    const one = await load(rates);
    expect(() => checkShards(one, 1)).not.toThrow();
    const scenario = await load(dense);
    expect(() => checkShards(scenario, 4)).not.toThrow();
    expect(() => checkShards(scenario, 1)).toThrow(
      'all rates together reach 160,000/s; one harness sends at most 50,000/s',
    );
    expect(() => checkShards(scenario, 3)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: 'all rates together reach 160,000/s; 3 shards send at most 150,000/s',
        hint: expect.stringContaining('from 4 shards (--shard 1/4)'),
      }),
    );
  });

  it('are valid, and noted', async () => {
    expect(await load(dense)).toMatchObject({
      notes: ['all rates together reach 160,000/s: it takes 4 shards to send them'],
    });
    expect(await load(rates)).toMatchObject({ notes: [] });
  });
});

describe('sending threads', () => {
  it.each([
    [200, 8, 1],
    [8000, 8, 1],
    [8001, 8, 2],
    [50_000, 8, 7],
    [50_000, 2, 1],
    [50_000, 1, 1],
    [50_000, 64, 7],
  ])('for %d/s on %d cores are %d', (rate, cores, threads) => {
    expect(defaultThreads(rate, cores)).toBe(threads);
  });
});

it('keeps every rate when the effective scenario is loaded again', async () => {
  const lines = [
    RAMP,
    'timeUnit: 1m',
    'stages: [{ target: 600, duration: 2s }]',
    'arrival: poisson',
    'seed: 7',
    'threads: 2',
  ];
  const first = await load(
    `${rated(...lines).replace('{ get: / }', '{ get: / }\n    - { name: b, get: /b, rate: 5/s, clients: 3 }')}`,
  );
  const again = await load(stringify(first.effective));
  expect(again.traffic).toEqual(first.traffic);
  expect(first.traffic).toMatchObject({ arrival: 'poisson', seed: 7, threads: 2 });
  expect(MINIMAL).not.toContain('stages');
});
