import type { ProbeName, ProbeRun } from '../../model/probe.js';
import { type FaultCount, faultLine, faultText, probeRun } from '../probe-faults.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** Faults that are named in a finding. */
const FAULTS_NAMED = 3;

/** What users of one kind lost, as its probe saw it: one finding a probe. */
export const probeBreach: Rule = {
  name: 'probe-breach',
  find: ({ run, whole }, { breaches }) => {
    const probes = [...new Set(breaches.map(({ probe }) => probe))];
    return probes.map((name) => {
      const found = breaches.filter(({ probe }) => probe === name);
      const kinds = found.map(({ fault }) => fault.count);
      const faults = (probeRun(run, name)?.faults ?? []).filter(
        ({ count, phase }) => kinds.includes(count) && whole.phases.includes(phase),
      );
      const unproven = found.reduce((sum, entry) => sum + entry.unproven, 0);
      return {
        severity: 'breach' as const,
        phase: nameOf(run, worstPhase(found)),
        claim: `${found.map((entry) => faultText(run, entry)).join('; ')}.`,
        evidence: [
          ...firstOfEach(kinds, faults).map(faultLine),
          ...(unproven > 0
            ? [`${unproven} of them while the harness itself was not running, or the control failed too`]
            : []),
        ],
        remedy: REMEDY[name],
      };
    });
  },
};

/** The first fault of each kind, and then the next ones. */
function firstOfEach(kinds: readonly string[], faults: ProbeRun['faults']): ProbeRun['faults'] {
  const firsts = kinds.flatMap((kind) => faults.find(({ count }) => count === kind) ?? []);
  return [...firsts, ...faults.filter((fault) => !firsts.includes(fault))].slice(0, FAULTS_NAMED);
}

/** The phase with the most faults, the earlier of equals. */
function worstPhase(found: readonly FaultCount[]): number {
  const counts = new Map<number, number>();
  for (const { phases } of found)
    for (const { phase, count } of phases) counts.set(phase, (counts.get(phase) ?? 0) + count);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? -1;
}

const REMEDY: Record<ProbeName, string> = {
  idle: 'Keep listening all through the step: pass the listening socket on instead of closing and opening it.',
  inflight:
    'Let the old process finish what it has begun: stop it gracefully, and wait longer than the longest request.',
  upload: 'Drain uploads before the old process ends: accept no new ones, and wait for those that are under way.',
  websocket:
    'Close WebSockets with code 1001 only after the new release accepts connections, and let clients resume where they were.',
  sse: 'Send event ids, keep the events of the last minutes where every process can reach them, and honour `Last-Event-ID`.',
  assets: 'Keep the assets of the release before beside those of the new one for as long as its pages are open.',
  session:
    'Keep sessions and their keys outside of the process and of the release, and both releases able to read them.',
  ledger:
    'Acknowledge a write only once it is durable, and let an idempotency key decide where a write may come twice.',
  twin: '',
  control: '',
};
