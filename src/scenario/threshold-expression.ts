import {
  type Aggregate,
  type Comparison,
  isTimeMetric,
  type Metric,
  RUN_METRICS,
  type RunMetric,
} from '../model/threshold.js';
import { parseDuration } from '../model/units.js';
import { oneOf, show } from './suggest.js';

/** What an expression says, times in ms and shares of 1. */
export interface Expression {
  aggregate: Aggregate;
  comparison: Comparison;
  value: number;
  timesBaseline: boolean;
}

type Refused = { problem: string; fix?: string };
type Unit = 'ms' | 'share' | 'count' | 'perSec' | 'number';

type Fitting = Readonly<Record<string, Unit>>;

/** The aggregates that say something of a metric, and the unit of each. */
const FITTING: Readonly<Record<RunMetric, Fitting>> = {
  http_req_failed: { rate: 'share', count: 'count' },
  http_reqs: { count: 'count', rate: 'perSec' },
  conn_errors: { rate: 'share', count: 'count' },
  retryable: { rate: 'share', count: 'count' },
  blocked: { rate: 'share', count: 'count' },
  unsent: { rate: 'share', count: 'count' },
  outage: { max: 'ms', count: 'count' },
  stall: { max: 'ms', count: 'count' },
  rollback_time: { max: 'ms', count: 'count' },
  latency: { 'p(99)': 'ms', avg: 'ms', med: 'ms', min: 'ms', max: 'ms' },
  metric: { rate: 'perSec', max: 'number', min: 'number', avg: 'number', last: 'number' },
};

const EXAMPLES: Readonly<Record<RunMetric, string>> = {
  http_req_failed: 'rate<1%',
  http_reqs: 'count>1000',
  conn_errors: 'count==0',
  retryable: 'rate<0.1%',
  blocked: 'count==0',
  unsent: 'count==0',
  outage: 'max==0',
  stall: 'max<1s',
  rollback_time: 'max<5m',
  latency: 'p(99)<500ms',
  metric: 'rate>=0.5*baseline',
};

/** A probe counts its faults, and measures times to reconnect. */
const COUNTED = { fitting: { count: 'count' }, example: 'count==0' } as const;
const TIMED = { fitting: { 'p(99)': 'ms', avg: 'ms', med: 'ms', max: 'ms' }, example: 'max<5s' } as const;

function expressionsOf(metric: Metric): { fitting: Fitting; example: string } {
  const ofRun = RUN_METRICS.find((each) => each === metric);
  if (ofRun !== undefined) return { fitting: FITTING[ofRun], example: EXAMPLES[ofRun] };
  return isTimeMetric(metric) ? TIMED : COUNTED;
}

const EXPRESSION = /^([a-z][a-z0-9.]*(?:\(\s*[^()]*\s*\))?)\s*(<=|>=|==|!=|<|>)\s*(\S.*)$/;

/** Reads an expression of k6's grammar, with units, and `p(99)<2*baseline`. */
export function parseExpression(metric: Metric, text: string): Expression | Refused {
  const { fitting, example: written } = expressionsOf(metric);
  const example = { fix: `write for example \`${written}\`` };
  const match = EXPRESSION.exec(text.trim());
  if (match === null)
    return { problem: `\`${text}\` is no expression: an aggregate, a comparison and a value`, ...example };
  const [, word = '', comparison = '', limit = ''] = match;
  const aggregate = parseAggregate(word);
  if (aggregate === null) {
    const fix = /^p\d/.test(word) ? `write \`p(${word.slice(1)})${comparison}${limit}\`` : example.fix;
    return { problem: `\`${word}\` is no aggregate`, fix };
  }
  const unit = fitting[typeof aggregate === 'object' ? 'p(99)' : aggregate];
  if (unit === undefined) {
    return {
      problem: `\`${word}\` says nothing of \`${metric}\`, which has ${oneOf(Object.keys(fitting))}`,
      ...example,
    };
  }
  const value = parseLimit(limit, unit, metric);
  if ('problem' in value) return value;
  return { aggregate, comparison: comparison as Comparison, ...value };
}

function parseAggregate(word: string): Aggregate | null {
  const simple = (['rate', 'count', 'max', 'min', 'avg', 'med', 'last'] as const).find((each) => each === word);
  if (simple !== undefined) return simple;
  const quantile = /^p\(\s*(\d{1,3}(?:\.\d{1,6})?)\s*\)$/.exec(word)?.[1];
  const p = Number(quantile);
  return quantile !== undefined && p > 0 && p <= 100 ? { p } : null;
}

function parseLimit(text: string, unit: Unit, metric: Metric): { value: number; timesBaseline: boolean } | Refused {
  const factor = /^(\d+(?:\.\d+)?)\s*\*\s*baseline$/.exec(text)?.[1] ?? (text === 'baseline' ? '1' : undefined);
  if (factor !== undefined) {
    if (metric !== 'latency' && metric !== 'metric')
      return { problem: `\`${text}\` compares latencies and metrics; \`${metric}\` has no baseline to compare with` };
    return Number(factor) > 0
      ? { value: Number(factor), timesBaseline: true }
      : { problem: 'a factor of the baseline is more than 0' };
  }
  const value = LIMITS[unit](text);
  return typeof value === 'number' ? { value, timesBaseline: false } : value;
}

const NUMBER = /^\d+(?:\.\d+)?$/;

/** How a limit is read in each unit. */
const LIMITS: Readonly<Record<Unit, (text: string) => number | Refused>> = {
  ms: (text) => {
    const ms = NUMBER.test(text) ? Number(text) : parseDuration(text);
    return ms ?? { problem: `expected milliseconds or a duration such as \`500ms\`, got ${show(text)}` };
  },
  share: (text) => {
    const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1];
    const share =
      percent !== undefined ? Number((Number(percent) / 100).toPrecision(15)) : NUMBER.test(text) ? Number(text) : null;
    if (share === null) return { problem: `expected a share such as \`0.01\` or \`1%\`, got ${show(text)}` };
    return share <= 1
      ? share
      : {
          problem: `${show(text)} is more than all requests`,
          fix: `a rate is a share of 1: write \`${Number.parseFloat(text)}%\` or less`,
        };
  },
  count: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : { problem: `expected a whole number, got ${show(text)}` }),
  perSec: (text) => {
    const perSec = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text)?.[1];
    return perSec === undefined
      ? { problem: `expected a number per second such as \`100/s\`, got ${show(text)}` }
      : Number(perSec);
  },
  number: (text) =>
    /^-?\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?$/i.test(text)
      ? Number(text)
      : { problem: `expected a number such as \`100\` or \`0.25\`, got ${show(text)}` },
};
