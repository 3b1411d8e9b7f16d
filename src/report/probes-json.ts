import { PROBE_FAULTS, PROBES, type ProbeName, type ProbeRun } from '../model/probe.js';
import type { Run } from '../model/run.js';
import { round } from './summary.js';

/** Faults of a probe that are listed. */
const FAULTS_LISTED = 50;

/** `probes` of `run.json`: every probe there is; of one that the scenario does not have, nothing was measured. */
export function probesJson(run: Run): Record<ProbeName, object> {
  const entries = PROBES.map((name) => {
    const probe = run.probes.find((entry) => entry.probe === name);
    if (probe !== undefined) return [name, probeJson(run, probe)];
    if (run.header.probes.includes(name)) return [name, { ready: false }];
    return [name, name === 'idle' ? poolJson(run) : {}];
  });
  return Object.fromEntries(entries) as Record<ProbeName, object>;
}

/** Without sentinels, the pool of the traffic is what was watched for unannounced closes. */
function poolJson({ header, idleClosed }: Run) {
  const connections = header.traffic.keepaliveShare > 0 ? header.traffic.pool : 0;
  return { connections, closedUnannounced: idleClosed.length, of: 'pool of the traffic' };
}

function probeJson(run: Run, probe: ProbeRun) {
  const nameOf = (phase: number) => run.phases[phase]?.name ?? '';
  const zeros = Object.fromEntries(PROBE_FAULTS[probe.probe].map(({ count }) => [count, 0]));
  return {
    // A probe that never worked found no fault, and proves no zero.
    ...(probe.readyAt === null ? {} : zeros),
    ...probe.counts,
    detail: probe.detail,
    ready: probe.readyAt !== null,
    readyMs: probe.readyAt === null ? null : round(probe.readyAt),
    ended: probe.ended,
    requests: probe.requests,
    requestsFailed: probe.failed,
    versions: probe.versions,
    ...(probe.probe === 'inflight' ? { straddled: probe.straddled.map(nameOf) } : {}),
    ...(probe.times.length === 0 ? {} : { times: timesJson(probe, nameOf) }),
    byPhase: probe.byPhase.map(({ phase, counts }) => ({ phase: nameOf(phase), ...counts })),
    faults: probe.faults.slice(0, FAULTS_LISTED).map(({ at, since, phase, count, detail }) => ({
      atMs: round(at),
      sinceMs: round(since),
      phase: nameOf(phase),
      count,
      detail,
    })),
  };
}

function timesJson({ times }: ProbeRun, nameOf: (phase: number) => string) {
  return times
    .slice(0, FAULTS_LISTED)
    .map(({ at, phase, name, ms }) => ({ atMs: round(at), phase: nameOf(phase), name, ms: round(ms) }));
}
