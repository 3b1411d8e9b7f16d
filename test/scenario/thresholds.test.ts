import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRICS, type Threshold } from '../../src/model/threshold.js';
import { withDefaults } from '../../src/scenario/threshold-defaults.js';
import { parseExpression } from '../../src/scenario/threshold-expression.js';
import { parseName } from '../../src/scenario/thresholds.js';
import { loadThresholdsFile } from '../../src/scenario/thresholds-file.js';
import { fileOf, load, MINIMAL, thrownBy, told } from './scenarios.js';

const KNOWN = { steps: ['switch', 'roll back'], flows: ['home', 'GET /a,{b}'], probes: ['idle', 'sse'] } as const;

describe('an expression', () => {
  it.each([
    ['http_req_failed', 'rate==0', { aggregate: 'rate', comparison: '==', value: 0, timesBaseline: false }],
    ['http_req_failed', 'rate<1%', { aggregate: 'rate', comparison: '<', value: 0.01, timesBaseline: false }],
    ['http_req_failed', 'rate < 0.05', { aggregate: 'rate', comparison: '<', value: 0.05, timesBaseline: false }],
    ['http_reqs', 'rate>=100/s', { aggregate: 'rate', comparison: '>=', value: 100, timesBaseline: false }],
    ['conn_errors', 'count<5', { aggregate: 'count', comparison: '<', value: 5, timesBaseline: false }],
    ['stall', 'max<1000', { aggregate: 'max', comparison: '<', value: 1000, timesBaseline: false }],
    ['stall', 'max<1s', { aggregate: 'max', comparison: '<', value: 1000, timesBaseline: false }],
    ['rollback_time', 'max<5m', { aggregate: 'max', comparison: '<', value: 300_000, timesBaseline: false }],
    ['latency', 'p(99.9)<=500', { aggregate: { p: 99.9 }, comparison: '<=', value: 500, timesBaseline: false }],
    ['latency', 'p(99)<2*baseline', { aggregate: { p: 99 }, comparison: '<', value: 2, timesBaseline: true }],
    ['latency', 'med<1.5 * baseline', { aggregate: 'med', comparison: '<', value: 1.5, timesBaseline: true }],
    ['latency', 'avg!=3', { aggregate: 'avg', comparison: '!=', value: 3, timesBaseline: false }],
  ] as const)('of %s reads %s', (metric, text, expected) => {
    expect(parseExpression(metric, text)).toEqual(expected);
  });

  it('says what to write for p99', () => {
    expect(parseExpression('latency', 'p99<500')).toMatchObject({
      problem: '`p99` is no aggregate',
      fix: 'write `p(99)<500`',
    });
  });

  it('reads back every quantile and limit it is given', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
        (tenths, value, comparison) => {
          const p = tenths / 10;
          expect(parseExpression('latency', `p(${p})${comparison}${value}`)).toEqual({
            aggregate: { p },
            comparison,
            value,
            timesBaseline: false,
          });
        },
      ),
    );
  });

  it('is read or refused in words, whatever it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...METRICS), fc.string(), (metric, text) => {
        const result = parseExpression(metric, text);
        return 'problem' in result ? result.problem.length > 0 : Number.isFinite(result.value);
      }),
    );
  });
});

describe('a name', () => {
  it.each([
    ['latency', { metric: 'latency', selector: {} }],
    ['http_req_duration', { metric: 'latency', selector: {} }],
    ['latency{step:switch}', { metric: 'latency', selector: { step: 'switch' } }],
    ['latency{ step: roll back , flow: home }', { metric: 'latency', selector: { step: 'roll back', flow: 'home' } }],
    [
      'latency{flow:"GET /a,{b}",connection:fresh}',
      { metric: 'latency', selector: { flow: 'GET /a,{b}', connection: 'fresh' } },
    ],
    ['http_reqs{version:v1.2:3}', { metric: 'http_reqs', selector: { version: 'v1.2:3' } }],
  ])('reads %s', (text, expected) => {
    expect(parseName(text, KNOWN)).toEqual(expected);
  });

  it.each([
    'latency{}',
    'latency{step:switch',
    'latency{step:switch}x',
    'latency{step:switch,}x',
    'latency{step:a,step:b}',
    'constructor',
    'latency{connection:old}',
  ])('refuses %s', (text) => {
    expect(parseName(text, KNOWN)).toHaveProperty('problem');
  });
});

describe('the defaults', () => {
  const levels = (thresholds: readonly Threshold[]) =>
    thresholds.map(({ metric, expression, level, origin }) => `${metric} ${expression} ${level} ${origin}`);

  it('are those of the contract', () => {
    expect(levels(withDefaults([], []))).toEqual([
      'http_req_failed rate==0 fail default',
      'conn_errors count==0 fail default',
      'outage max==0 fail default',
      'stall max<1000 fail default',
      'latency p(99)<2*baseline fail default',
      'rollback_time max<5m fail default',
    ]);
  });

  it('only warn of connection errors and outages once the user set a rate of failures', async () => {
    const { thresholds } = await load(`${MINIMAL}thresholds: { http_req_failed: ["rate<1%"], outage: ["max<1s"] }\n`);
    expect(levels(thresholds)).toEqual([
      'http_req_failed rate<1% fail user',
      'outage max<1s fail user',
      'conn_errors count==0 warn default',
      'stall max<1000 fail default',
      'latency p(99)<2*baseline fail default',
      'rollback_time max<5m fail default',
    ]);
  });

  it('stay where the user narrowed theirs down', async () => {
    const { thresholds } = await load(`${MINIMAL}thresholds: { "http_req_failed{step:switch}": ["rate<1%"] }\n`);
    expect(levels(thresholds)).toContain('http_req_failed rate==0 fail default');
    expect(levels(thresholds)).toContain('conn_errors count==0 fail default');
  });
});

describe('a file of thresholds', () => {
  it.each([
    ['alone', 'latency: ["p(99)<5", { threshold: max<9, level: warn, abortOnFail: true, delayAbortEval: 5s }]\n'],
    [
      'under their key',
      'thresholds:\n  latency: ["p(99)<5", { threshold: max<9, level: warn, abortOnFail: true, delayAbortEval: 5s }]\n',
    ],
  ])('is read with thresholds %s, and the defaults are added', async (_, content) => {
    const thresholds = await loadThresholdsFile(fileOf(content), { ...KNOWN, probes: [] });
    expect(thresholds.slice(0, 2)).toMatchObject([
      { expression: 'p(99)<5', level: 'fail', abortOnFail: false },
      { expression: 'max<9', level: 'warn', abortOnFail: true, delayAbortEvalMs: 5000 },
    ]);
    expect(thresholds).toHaveLength(7);
  });

  it('is refused with the place of each fault', async () => {
    const error = await thrownBy(
      loadThresholdsFile(fileOf('latncy: ["max<1"]\n"latency{step:swich}": ["max<1"]\nstall: [7]\n'), KNOWN),
    );
    expect(told(error).map((each) => each.split(' ')[0])).toEqual(['1:1', '2:1', '3:9']);
  });
});
