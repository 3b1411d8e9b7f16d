import { PROBE_FAULTS, type ProbeFault, type ProbeName, type ProbeRun } from '../model/probe.js';
import type { Run } from '../model/run.js';
import { formatCount, formatMs } from '../model/units.js';
import { controlSpans, overlaps } from './control.js';
import { asleepShare, isCloseOfSleeper, isUnread, STARVED_SHARE } from './doubtful.js';
import { isOwnTimeout, ownIdleAges } from './idle-ages.js';
import { nameOf, type Scope } from './scope.js';

/** A kind of fault that a probe found. */
export interface FaultCount {
  probe: ProbeName;
  fault: ProbeFault;
  count: number;
  /** Of those, what shows nothing: the harness was not running, or the control failed too. */
  unproven: number;
  /** The phases in which they showed, with how many. */
  phases: { phase: number; count: number }[];
}

export function probeRun(run: Run, name: ProbeName): ProbeRun | undefined {
  return run.probes.find(({ probe }) => probe === name);
}

/** What the probes found in a scope, in the order of the table; kinds that were not found are left out. */
export function faultsIn(run: Run, scope: Scope, severity: ProbeFault['severity']): FaultCount[] {
  return run.probes.flatMap((probe) =>
    PROBE_FAULTS[probe.probe]
      .filter((fault) => fault.severity === severity)
      .map((fault) => faultCount(run, probe, fault, scope))
      .filter(({ count }) => count > 0),
  );
}

/** How often a probe found one kind of fault; closes by the server's own idle timeout are none. */
export function faultCount(run: Run, probe: ProbeRun, fault: ProbeFault, scope: Scope): FaultCount {
  const own = fault.count === 'closedUnannounced' ? ownTimeouts(run, probe) : new Map<number, number>();
  const phases = scope.phases
    .map((phase) => ({ phase, count: countIn(probe, fault.count, phase) - (own.get(phase) ?? 0) }))
    .filter(({ count }) => count > 0);
  const count = phases.reduce((sum, entry) => sum + entry.count, 0);
  const unproven = fault.severity === 'breach' ? unprovenIn(run, probe, fault, scope) : 0;
  return { probe: probe.probe, fault, count, unproven: Math.min(count, unproven), phases };
}

/** `3 WebSocket messages were never answered: 2 in reload, 1 in rollback`. */
export function faultText(run: Run, { fault, count, phases }: FaultCount): string {
  const claim = `${formatCount(count)} ${fault.claim}`;
  const [first, ...others] = phases;
  if (first === undefined) return claim;
  if (others.length === 0) return `${claim} in ${nameOf(run, first.phase)}`;
  return `${claim}: ${phases.map((entry) => `${formatCount(entry.count)} in ${nameOf(run, entry.phase)}`).join(', ')}`;
}

/** From this on the time since all was well says something, ms. */
const LONG_MS = 1000;

/** `at 9.2 s, 1.3 s after all was well last: connection reset`. */
export function faultLine({ at, since, detail }: ProbeRun['faults'][number]): string {
  const after = at - since >= LONG_MS ? `, ${formatMs(at - since)} after all was well last` : '';
  return `at ${formatMs(at)}${after}${detail === '' ? '' : `: ${detail}`}`;
}

/** Closes by the server's own idle timeout, by phase. */
export function ownTimeouts(run: Run, probe: ProbeRun): Map<number, number> {
  const ages = ownIdleAges(run, probe);
  const own = new Map<number, number>();
  for (const { at, since, phase, count, times } of knownFaults(probe))
    if (count === 'closedUnannounced' && isOwnTimeout(ages, at - since)) own.set(phase, (own.get(phase) ?? 0) + times);
  return own;
}

function knownFaults({ faults, unlisted }: ProbeRun): ProbeRun['unlisted'] {
  return [...faults.map((fault) => ({ ...fault, times: 1 })), ...unlisted];
}

function countIn({ byPhase }: ProbeRun, count: string, phase: number): number {
  return byPhase.reduce((sum, entry) => (entry.phase === phase ? sum + (entry.counts[count] ?? 0) : sum), 0);
}

/**
 * Faults that an answer of the app proves: what it acknowledged is gone, doubled or altered. However badly the harness
 * or the network did meanwhile, they stand.
 */
const PROVEN_BY_ANSWER: Partial<Record<ProbeName, readonly string[]>> = {
  upload: ['corrupted'],
  session: ['lost'],
  ledger: ['lost', 'duplicated'],
};

function unprovenIn(run: Run, probe: ProbeRun, fault: ProbeFault, { phases }: Scope): number {
  if (PROVEN_BY_ANSWER[probe.probe]?.includes(fault.count) === true) return 0;
  const spans = controlSpans(run);
  const { probePauses } = run.generator;
  const isStarved = asleepShare(run, { pauses: probePauses, unlistedMs: 0 }) > STARVED_SHARE;
  const isUnproven = ({ since, at, silent, idleMs }: ProbeRun['unlisted'][number]): boolean => {
    if (overlaps(spans, since, at)) return true;
    if (silent === true) return isStarved || isUnread(probePauses, since, at, at - since);
    if (idleMs === undefined) return false;
    return isCloseOfSleeper(probePauses, { sentAt: since, endedAt: at, idleMs }, probe.borneIdleMs);
  };
  const known = knownFaults(probe).filter(({ count, phase }) => count === fault.count && phases.includes(phase));
  const sum = (faults: ProbeRun['unlisted']) => faults.reduce((total, { times }) => total + times, 0);
  const all = phases.reduce((total, phase) => total + countIn(probe, fault.count, phase), 0);
  // Those of which only the number is known prove nothing.
  return all - sum(known) + sum(known.filter(isUnproven));
}
