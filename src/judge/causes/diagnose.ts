import { formatCount, formatMs, plural } from '../../model/units.js';
import type { Confidence, Finding } from '../../model/verdict.js';
import type { Evidence } from '../evidence.js';
import type { Measure } from '../measure.js';
import { faultsIn, probeRun } from '../probe-faults.js';
import type { VersionChange } from '../version-change.js';
import { type Cause, remedyFor } from './cause.js';
import { haproxyReloadClosesIdle } from './haproxy-reload-closes-idle.js';
import { type Incident, incidentsOf } from './incident.js';
import { nginxReloadClosesIdle } from './nginx-reload-closes-idle.js';
import { CAUSES } from './registry.js';
import { type Sign, weightOf } from './sign.js';
import { type View, viewOf } from './view.js';

/** A cause and what speaks for it, heaviest first. */
export interface Candidate {
  cause: Cause;
  signs: Sign[];
  weight: number;
}

/** From this weight on a cause is worth naming, and is sure enough to act on. */
const NAMED = 1;
const SURE = 6;
/** How much more than the runner-up it has to weigh to be sure. */
const AHEAD = 2;
/** What closes idle connections without harming anybody by it. */
const IDLE_CAUSES = [nginxReloadClosesIdle, haproxyReloadClosesIdle];
/** Incidents that are told apart in a report. */
const MOST_INCIDENTS = 20;

/** The likeliest cause of each incident, in the order of the run. */
export function diagnose(m: Measure, evidence: Evidence, change: VersionChange): Finding[] {
  return incidentsOf(m, evidence)
    .slice(0, MOST_INCIDENTS)
    .map((incident) => {
      const view = viewOf(m, incident, evidence, change);
      return findingOf(view, rank(view));
    });
}

/** Every cause that is not out of the question, the likeliest first; of equals the one with more that was seen. */
export function rank(view: View, causes: readonly Cause[] = CAUSES): Candidate[] {
  return causes
    .map((cause) => {
      const signs = cause.signs(view);
      return { cause, signs, weight: weightOf(signs) };
    })
    .filter(({ weight }) => weight >= NAMED)
    .sort((a, b) => b.weight - a.weight);
}

export function findingOf(
  view: View,
  [best, second]: readonly Candidate[],
  severity: Finding['severity'] = 'breach',
): Finding {
  const seen = seenText(view.incident);
  if (best === undefined) {
    return {
      rule: 'unexplained',
      severity,
      phase: view.step,
      claim: `No known cause explains what users met in ${view.step}.`,
      evidence: [seen],
      remedy: 'Look at the failed requests, the output of the step and the logs of that time.',
      mode: null,
      confidence: 'low',
      runnerUp: null,
    };
  }
  return {
    rule: best.cause.name,
    severity,
    phase: view.step,
    claim: best.cause.claim,
    evidence: [seen, ...signTexts(best)],
    remedy: remedyFor(best.cause, view.systems),
    mode: best.cause.mode,
    confidence: confidenceOf(best, second),
    runnerUp:
      second === undefined
        ? null
        : { rule: second.cause.name, claim: second.cause.claim, confidence: confidenceOf(second, best) },
  };
}

function confidenceOf({ weight }: Candidate, other: Candidate | undefined): Confidence {
  if (weight < SURE / 2) return 'low';
  return weight >= SURE && weight - (other?.weight ?? 0) >= AHEAD ? 'high' : 'medium';
}

function signTexts({ signs }: Candidate): string[] {
  const texts = (holds: boolean) =>
    signs
      .filter((each) => each.holds === holds && (holds ? each.weight : each.against) > 0)
      .sort((a, b) => b.weight - a.weight)
      .map(({ text }) => text);
  const against = texts(false);
  return [...texts(true), ...(against.length === 0 ? [] : [`not seen: ${against.join('; ')}`])];
}

/** `143 requests failed from 12.3 s to 14.1 s of the run (#2412 to #2790)`. */
function seenText({ from, to, failed, failures, stalls, faults }: Incident): string {
  const [first, last] = [failures[0], failures.at(-1)];
  const parts = [
    ...(failed === 0 ? [] : [`${plural(failed, 'request')} failed (#${first?.seq} to #${last?.seq})`]),
    ...(stalls.length === 0
      ? []
      : [`stalled for ${formatMs(Math.max(...stalls.map(({ durationMs }) => durationMs)))}`]),
    ...[...new Set(faults.map(({ probe }) => probe))].map(
      (probe) => `${formatCount(faults.filter((fault) => fault.probe === probe).length)} faults of the probe ${probe}`,
    ),
  ];
  const when = to - from < 1 ? `at ${formatMs(from)}` : `from ${formatMs(from)} to ${formatMs(to)}`;
  return `${parts.join(', ')}, ${when} of the run`;
}

/** Idle connections that were closed without notice and harmed nobody: what a client that was unlucky would have met. */
export function diagnoseRisks(m: Measure, evidence: Evidence, change: VersionChange): Finding[] {
  const { run } = m;
  const idle = faultsIn(run, m.whole, 'risk').find(({ probe }) => probe === 'idle');
  const sentinels = probeRun(run, 'idle');
  return (idle?.phases ?? []).flatMap(({ phase }) => {
    const closes = (sentinels?.faults ?? []).filter(
      (fault) => fault.count === 'closedUnannounced' && fault.phase === phase,
    );
    const [first, last] = [closes[0], closes.at(-1)];
    if (first === undefined || last === undefined) return [];
    const incident: Incident = {
      from: first.at,
      to: last.at,
      phase,
      failures: [],
      failed: 0,
      stalls: [],
      faults: closes.map((fault) => ({ probe: 'idle' as const, ...fault })),
    };
    const view = viewOf(m, incident, evidence, change);
    const candidates = rank(view, IDLE_CAUSES);
    return candidates.length === 0 ? [] : [findingOf(view, candidates, 'risk')];
  });
}
