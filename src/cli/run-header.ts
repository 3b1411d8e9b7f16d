import { relative } from 'node:path';
import type { RunHeader } from '../model/event.js';
import { rateAt } from '../model/rate.js';
import type { Threshold } from '../model/threshold.js';
import type { WatchHeader } from '../model/watch.js';
import type { Scenario } from '../scenario/scenario.js';
import { describeEnvironment } from './environment.js';
import { toolVersion } from './package-info.js';

/** The first line of the journal: what is planned, and all that the judge needs to know beside the samples. */
export function headerOf(
  scenario: Scenario,
  run: { runId: string; startedAt: Date; originNs: bigint; shard?: RunHeader['shard'] },
): RunHeader {
  const { traffic } = scenario;
  return {
    type: 'header',
    schema: 'zdd-verify/journal/v1',
    runId: run.runId,
    tool: { version: toolVersion() },
    startedAt: run.startedAt.toISOString(),
    originNs: String(run.originNs),
    scenario: { name: scenario.name, sha256: scenario.sha256, file: scenario.file, runbook: scenario.runbook },
    target: { url: scenario.target.url, timeoutMs: traffic.timeoutMs },
    ...(run.shard === undefined ? {} : { shard: run.shard }),
    version: scenario.version,
    traffic: {
      ratePerSec: rateAtStart(traffic),
      streams: traffic.streams,
      arrival: traffic.arrival,
      threads: traffic.threads,
      flows: traffic.flows.map(({ name, method, path, weight, stream, endpoint }) => {
        return { name, method, path, weight, stream, target: traffic.endpoints[endpoint]?.name ?? '' };
      }),
      keepaliveShare: traffic.keepaliveShare,
      pool: traffic.pool,
      client: traffic.client,
      maxInFlight: traffic.maxInFlight,
    },
    steps: scenario.steps.map(({ name, kind }) => ({ name, kind })),
    rollback: scenario.rollback.map(({ name }) => ({ name })),
    rehearsal: scenario.rehearsal,
    probes: scenario.probes?.probes.map(({ probe }) => probe) ?? [],
    watch: scenario.watch.map(watchHeaderOf),
    hosts: scenario.hosts.map(({ name, destination }) => ({ name, destination })),
    release: scenario.release,
    thresholds: scenario.thresholds.map(withRelativeSource),
    environment: describeEnvironment(process.env),
    effective: scenario.effective,
  };
}

function watchHeaderOf(plan: Scenario['watch'][number]): WatchHeader {
  const { kind, name, of, on } = plan;
  const patterns = 'patterns' in plan ? plan.patterns : [];
  const requestErrors = patterns.filter(({ isRequestError }) => isRequestError).map((pattern) => pattern.name);
  return { kind, name, of, on: on?.name ?? null, requestErrors };
}

/** All streams together when the schedule begins, arrivals per second. */
function rateAtStart({ streams }: Scenario['traffic']): number {
  return streams.reduce((sum, { rate }) => sum + rateAt(rate, 0), 0);
}

/** Annotations are shown beside the lines of a checkout: a path below the current folder is written from there. */
function withRelativeSource(threshold: Threshold): Threshold {
  if (threshold.source === null) return threshold;
  const file = relative(process.cwd(), threshold.source.file);
  return file.startsWith('..') ? threshold : { ...threshold, source: { ...threshold.source, file } };
}
