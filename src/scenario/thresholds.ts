import type { ProbeName } from '../model/probe.js';
import { METRICS, type Metric, probeOfMetric, RUN_METRICS, type Selector, type Threshold } from '../model/threshold.js';
import { parseDuration } from '../model/units.js';
import { isTrue } from './leaves.js';
import type { Path, Report } from './problem.js';
import type { CheckedThresholds } from './schema.js';
import { didYouMean, nearest, oneOf, show } from './suggest.js';
import { parseExpression } from './threshold-expression.js';

/** What selectors may name. */
export interface KnownNames {
  steps: readonly string[];
  flows: readonly string[];
  probes: readonly ProbeName[];
  /** Watchers that measure something. */
  measured?: readonly string[];
}

type Source = Threshold['source'];

/** Reads a mapping of metrics to expressions. `sourceOf` says where an entry stands, for annotations. */
export function readThresholds(
  input: CheckedThresholds,
  known: KnownNames,
  path: Path,
  report: Report,
  sourceOf: (path: Path) => Source,
): Threshold[] {
  return Object.entries(input).flatMap(([key, given]) => {
    const here = [...path, key];
    const named = parseName(key, known);
    if ('problem' in named) {
      report(here, named.problem, { part: 'key', hint: named.fix ?? null });
      return [];
    }
    const entries = Array.isArray(given) ? given : [given];
    return entries.flatMap((entry, index) => {
      const at = Array.isArray(given) ? [...here, index] : here;
      return readThreshold(named, entry, at, report, sourceOf(at)) ?? [];
    });
  });
}

type Entry = Exclude<CheckedThresholds[string], unknown[]>;

function readThreshold(
  { metric, selector }: Named,
  entry: Entry,
  path: Path,
  report: Report,
  source: Source,
): Threshold | null {
  const {
    threshold,
    level = 'fail',
    abortOnFail,
    delayAbortEval,
  } = typeof entry === 'string' ? { threshold: entry } : entry;
  const parsed = parseExpression(metric, threshold);
  if ('problem' in parsed) {
    report(typeof entry === 'string' ? path : [...path, 'threshold'], parsed.problem, { hint: parsed.fix ?? null });
    return null;
  }
  if (delayAbortEval !== undefined && !isTrue(abortOnFail)) {
    report([...path, 'delayAbortEval'], '`delayAbortEval` delays `abortOnFail: true`, which is not given', {
      part: 'key',
    });
  }
  return {
    metric,
    selector,
    expression: threshold.trim(),
    ...parsed,
    level,
    abortOnFail: isTrue(abortOnFail),
    delayAbortEvalMs: delayAbortEval === undefined ? 0 : (parseDuration(delayAbortEval) as number),
    origin: 'user',
    source,
  };
}

interface Named {
  metric: Metric;
  selector: Selector;
}
type Refused = { problem: string; fix?: string };

const ALIASES: Readonly<Record<string, Metric>> = { http_req_duration: 'latency' };
const SELECTOR_KEYS = ['step', 'flow', 'connection', 'version', 'name'] as const;
/** What narrows the traffic down. */
const OF_TRAFFIC = ['step', 'flow', 'connection', 'version'] as const;

/** What each metric can be narrowed down to; what the traffic can where it is not listed. */
const NARROWED_BY: Partial<Record<Metric, readonly (typeof SELECTOR_KEYS)[number][]>> = {
  outage: ['step', 'flow'],
  stall: ['step', 'flow'],
  unsent: ['step', 'flow', 'connection'],
  rollback_time: [],
  metric: ['name', 'step'],
};

/** What a probe does is known by the phase in which it did. */
const PROBE_NARROWED_BY: readonly (typeof SELECTOR_KEYS)[number][] = ['step'];

/** Reads `latency{step:migrate,flow:home}`; values with commas, braces or spaces at their ends stand in quotes. */
export function parseName(text: string, known: KnownNames): Named | Refused {
  const match = /^([^{}\s]+)\s*(?:\{(.*)\})?$/s.exec(text.trim());
  if (match === null) return { problem: `\`${text}\` is no metric`, fix: 'write `latency` or `latency{step:migrate}`' };
  const [, word = '', inside] = match;
  const metric = METRICS.find((each) => each === word) ?? (Object.hasOwn(ALIASES, word) ? ALIASES[word] : undefined);
  if (metric === undefined) {
    const names = [...METRICS, ...Object.keys(ALIASES)];
    const meant = didYouMean(word, names);
    return {
      problem: `there is no metric \`${word}\`${meant}`,
      ...(meant === '' ? { fix: `metrics are ${oneOf(RUN_METRICS)}, and those of probes` } : {}),
    };
  }
  const probe = probeOfMetric(metric);
  if (probe !== null && !known.probes.includes(probe)) {
    return {
      problem: `the scenario has no probe \`${probe}\` that \`${metric}\` could speak of`,
      fix: `add \`probes: { ${probe}: ... }\``,
    };
  }
  const { measured = [] } = known;
  if (inside === undefined) return metric === 'metric' ? unnamed(measured) : { metric, selector: {} };
  const selector: Selector = {};
  const pairs = [...inside.matchAll(/\s*([a-z_]+)\s*:\s*("(?:[^"\\]|\\.)*"|[^,{}"]+?)\s*(?:,|$)/gy)];
  if (pairs.length === 0 || pairs.map(([whole]) => whole).join('') !== inside) {
    return {
      problem: `\`{${inside}}\` is no selector`,
      fix: 'write `{step:migrate}`, or `{step:migrate,flow:"GET /a,b"}`',
    };
  }
  for (const [, key = '', raw = ''] of pairs) {
    const value = raw.startsWith('"') ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw;
    const refused = select(selector, metric, key, value, known);
    if (refused !== null) return refused;
  }
  return metric === 'metric' && selector.name === undefined ? unnamed(measured) : { metric, selector };
}

/** A metric is one of several: nothing is said of all together. */
function unnamed(measured: readonly string[]): Refused {
  const fix = measured.length === 0 ? ADD_METRIC : `write \`metric{name:${measured[0]}}\``;
  return { problem: '`metric` does not say which: it needs `{name:...}`', fix };
}

function select(selector: Selector, metric: Metric, key: string, value: string, known: KnownNames): Refused | null {
  const name = SELECTOR_KEYS.find((each) => each === key);
  if (name === undefined) {
    return { problem: `selectors are ${oneOf(SELECTOR_KEYS)}, not \`${key}\`${didYouMean(key, SELECTOR_KEYS)}` };
  }
  const allowed = probeOfMetric(metric) === null ? (NARROWED_BY[metric] ?? OF_TRAFFIC) : PROBE_NARROWED_BY;
  if (!allowed.includes(name)) {
    return {
      problem: `\`${metric}\` cannot be narrowed down by \`${name}\``,
      ...(allowed.length > 0 ? { fix: `it can by ${oneOf(allowed)}` } : {}),
    };
  }
  if (selector[name] !== undefined) return { problem: `\`${name}\` is selected twice` };
  if (name === 'connection') {
    if (value !== 'fresh' && value !== 'reused')
      return { problem: `\`connection\` is \`fresh\` or \`reused\`, not ${show(value)}` };
    selector.connection = value;
    return null;
  }
  if (name === 'name' && !(known.measured ?? []).includes(value)) return notMeasured(value, known.measured ?? []);
  const names = name === 'step' ? known.steps : name === 'flow' ? known.flows : null;
  if (names !== null && !names.includes(value)) {
    const meant = nearest(value, names);
    const what = `there is no ${name} \`${value}\` that traffic runs beside`;
    return meant === null
      ? { problem: what, fix: `${name}s are ${oneOf(names)}` }
      : { problem: `${what}; did you mean \`${meant}\`?` };
  }
  selector[name] = value;
  return null;
}

function notMeasured(name: string, measured: readonly string[]): Refused {
  const problem = `no watcher called \`${name}\` measures anything${didYouMean(name, measured)}`;
  return { problem, fix: measured.length === 0 ? ADD_METRIC : `these do: ${oneOf(measured)}` };
}

const ADD_METRIC = 'add `watch: [{ metric: { prometheus: URL, query: orders_total } }]`';
