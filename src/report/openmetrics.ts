import { PROBE_FAULTS } from '../model/probe.js';
import type { Run } from '../model/run.js';
import type { Judgement } from '../model/verdict.js';
import { distinct } from './distinct.js';
import type { Output } from './output.js';
import { type Latency, round, type Summary, summarize } from './summary.js';
import { visible } from './text.js';
import { blindMs, countsByPattern, judgedFrom } from './watch.js';

/** OpenMetrics 1.0 text, as GitLab's metrics report and Prometheus' push gateways read it. */
export const openMetrics: Output = {
  name: 'metrics',
  file: 'metrics.txt',
  render: (run, judgement) => renderOpenMetrics(run, judgement),
};

type Labels = Record<string, string | number>;
interface Point {
  labels?: Labels;
  value: number;
  suffix?: string;
}
interface Family {
  name: string;
  type: 'gauge' | 'counter' | 'info' | 'stateset' | 'summary';
  help: string;
  unit?: string;
  points: Point[];
}

/** Families without a measured point are left out: an absent series is not a zero. */
export function renderOpenMetrics(run: Run, judgement: Judgement): string {
  const summary = summarize(run);
  const families = [
    ...verdictFamilies(run, judgement),
    ...requestFamilies(summary),
    probeFamily(run),
    ...watchFamilies(run),
    ...timeFamilies(run, judgement, summary),
    ...generatorFamilies(run, judgement),
  ];
  return `${families
    .filter(({ points }) => points.length > 0)
    .map(familyText)
    .join('')}# EOF\n`;
}

function familyText({ name, type, help, unit, points }: Family): string {
  const lines = [
    `# TYPE ${name} ${type}`,
    ...(unit ? [`# UNIT ${name} ${unit}`] : []),
    `# HELP ${name} ${escapeText(help)}`,
  ];
  const suffix = type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
  for (const point of points) lines.push(`${name}${point.suffix ?? suffix}${labelText(point.labels)} ${point.value}`);
  return `${lines.join('\n')}\n`;
}

function labelText(labels: Labels = {}): string {
  const listed = Object.entries(labels).map(([key, value]) => `${key}="${escapeText(visible(String(value)))}"`);
  return listed.length === 0 ? '' : `{${listed.join(',')}}`;
}

function escapeText(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function verdictFamilies({ header }: Run, judgement: Judgement): Family[] {
  const { verdict, release, gate, exitCode } = judgement;
  const states = (name: string, help: string, all: string[], now: string): Family => ({
    name,
    type: 'stateset',
    help,
    points: all.map((state) => ({ labels: { [name]: state }, value: state === now ? 1 : 0 })),
  });
  return [
    {
      name: 'zdd_run',
      type: 'info',
      help: 'What was run.',
      points: [
        {
          labels: {
            run_id: header.runId,
            scenario: header.scenario.name,
            sha256: header.scenario.sha256,
            version: header.tool.version,
          },
          value: 1,
        },
      ],
    },
    states('zdd_verdict', 'What the run proves about users.', ['zero-downtime', 'downtime', 'inconclusive'], verdict),
    states(
      'zdd_release',
      'What became of the release.',
      ['completed', 'rolled-back', 'rollback-failed', 'aborted', 'not-started'],
      release,
    ),
    states('zdd_gate', "The team's thresholds.", ['pass', 'fail', 'inconclusive'], gate),
    { name: 'zdd_exit_code', type: 'gauge', help: 'Exit code of zdd-verify.', points: [{ value: exitCode }] },
  ];
}

function requestFamilies({ phases }: Summary): Family[] {
  const perPhase = (count: (phase: Summary['phases'][number], labels: Labels) => Point[]) =>
    phases.flatMap((entry) => (entry.phase.judged ? count(entry, { phase: entry.label, step: entry.index }) : []));
  const counter = (name: string, help: string, points: Point[]): Family => ({ name, type: 'counter', help, points });
  return [
    counter(
      'zdd_requests',
      'Requests by outcome; warm-up excluded.',
      perPhase(({ tally: { ok, failed, retryable, blocked } }, labels) =>
        Object.entries({ ok, failed, retryable, blocked }).map(([outcome, value]) => ({
          labels: { ...labels, outcome },
          value,
        })),
      ),
    ),
    counter(
      'zdd_failures',
      'Failed requests by cause.',
      perPhase(({ tally }, labels) =>
        Object.entries(tally.byError).map(([cause, value]) => ({ labels: { ...labels, cause }, value })),
      ),
    ),
    counter(
      'zdd_responses',
      'Status lines read.',
      perPhase(({ tally }, labels) =>
        Object.entries(tally.byStatus).map(([status, value]) => ({ labels: { ...labels, status }, value })),
      ),
    ),
    counter(
      'zdd_cached',
      'Answers that a cache gave in place of the app.',
      perPhase(({ tally }, labels) => [{ labels, value: tally.cached }]),
    ),
    counter(
      'zdd_unsent',
      'Arrivals the harness did not send.',
      perPhase(({ tally }, labels) => [{ labels, value: tally.unsent }]),
    ),
    {
      name: 'zdd_latency_seconds',
      type: 'summary',
      unit: 'seconds',
      help: 'From the intended start of a request to its end; failures count as their timeout.',
      points: perPhase(({ latency, tally }, labels) => quantiles(latency, tally.requests - tally.blocked, labels)),
    },
  ];
}

/** Only of probes that worked: one that never did has counted nothing. */
function probeFamily({ probes }: Run): Family {
  return {
    name: 'zdd_probe_faults',
    type: 'counter',
    help: 'Faults that probes found, from the baseline on.',
    points: probes
      .filter(({ readyAt }) => readyAt !== null)
      .flatMap(({ probe, counts }) =>
        PROBE_FAULTS[probe].map(({ count }) => ({ labels: { probe, count }, value: counts[count] ?? 0 })),
      ),
  };
}

function watchFamilies(run: Run): Family[] {
  const from = judgedFrom(run);
  // A series that is there twice makes a reader refuse all of them.
  const names = distinct(run.watchers.map(({ name }) => name));
  return [
    {
      name: 'zdd_watch_lines',
      type: 'counter',
      help: 'Lines of watched logs that matched a pattern, from the baseline on.',
      points: run.watchers.flatMap(({ lineCounts }, i) =>
        [...countsByPattern(lineCounts.filter(({ phase }) => phase >= 0))].map(([pattern, value]) => ({
          labels: { watch: names[i] as string, pattern },
          value,
        })),
      ),
    },
    {
      name: 'zdd_watch_blind_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'Time in which a watcher could not see, from the baseline on.',
      points: run.watchers.map((watch, i) => ({
        labels: { watch: names[i] as string },
        value: seconds(blindMs(watch, from, run.durationMs).ms),
      })),
    },
  ];
}

function quantiles(latency: Latency, count: number, labels: Labels): Point[] {
  const points: Point[] = [];
  for (const [quantile, ms] of [
    ['0.5', latency.p50],
    ['0.9', latency.p90],
    ['0.99', latency.p99],
    ['0.999', latency.p999],
    ['1', latency.max],
  ] as const) {
    if (ms !== null) points.push({ labels: { ...labels, quantile }, value: seconds(ms) });
  }
  return points.length === 0 ? [] : [...points, { labels, value: count, suffix: '_count' }];
}

function timeFamilies(run: Run, judgement: Judgement, summary: Summary): Family[] {
  const gauge = (name: string, unit: string, help: string, ...values: (number | null)[]): Family => ({
    name: unit === '' ? name : `${name}_${unit}`,
    type: 'gauge',
    help,
    ...(unit === '' ? {} : { unit }),
    points: values.filter((value) => value !== null).map((value) => ({ value })),
  });
  const { bound } = judgement;
  const sent = summary.totals.requests > 0;
  return [
    gauge('zdd_duration', 'seconds', 'Length of the run.', seconds(run.durationMs)),
    gauge('zdd_outages', '', 'Number of outages.', sent ? run.outages.length : null),
    gauge('zdd_longest_outage', 'seconds', 'Longest outage.', sent ? seconds(summary.longestOutageMs) : null),
    gauge(
      'zdd_longest_listed_stall',
      'seconds',
      'Longest stall over half the limit; absent without one.',
      run.stalls.length > 0 ? seconds(summary.longestStallMs) : null,
    ),
    gauge('zdd_version_overlap', 'seconds', 'Time in which two versions answered.', seconds(run.versionOverlapMs)),
    gauge(
      'zdd_failure_rate_upper95',
      'ratio',
      'Upper 95 % limit of the failure rate after the baseline.',
      bound.requests > 0 ? bound.failureRateUpper95 : null,
    ),
    gauge(
      'zdd_shortest_detectable_outage',
      'seconds',
      'Shortest outage that could not have been missed.',
      bound.requests > 0 ? seconds(bound.shortestDetectableOutageMs) : null,
    ),
    gauge(
      'zdd_rollback',
      'seconds',
      'From the start of the last rollback to ready.',
      run.rollbacks.at(-1)?.ms == null ? null : seconds(run.rollbacks.at(-1)?.ms as number),
    ),
  ];
}

function generatorFamilies({ generator }: Run, { healthy }: Judgement): Family[] {
  const gauge = (name: string, help: string, points: Point[], unit?: string): Family => ({
    name,
    type: 'gauge',
    help,
    ...(unit ? { unit } : {}),
    points,
  });
  const { latenessMs, eventLoopDelayMs } = generator;
  return [
    gauge('zdd_generator_healthy', 'Whether the harness did its own part.', [{ value: healthy ? 1 : 0 }]),
    gauge('zdd_generator_rate', 'Arrivals a second.', [
      { labels: { kind: 'target' }, value: generator.targetRate },
      { labels: { kind: 'achieved' }, value: round(generator.achievedRate) },
    ]),
    gauge(
      'zdd_generator_lateness_seconds',
      'Sent after due.',
      Object.entries(latenessMs).map(([quantile, ms]) => ({ labels: { quantile }, value: seconds(ms) })),
      'seconds',
    ),
    gauge(
      'zdd_generator_loop_delay_seconds',
      'Lateness of the event loop.',
      Object.entries(eventLoopDelayMs).map(([quantile, ms]) => ({ labels: { quantile }, value: seconds(ms) })),
      'seconds',
    ),
  ];
}

function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(6));
}
