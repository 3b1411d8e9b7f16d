import { PROBE_FAULTS, type ProbeFault, type ProbeName, type ProbeRun } from '../model/probe.js';
import type { Run } from '../model/run.js';
import { formatCount } from '../model/units.js';
import { phaseLabel } from './summary.js';

/** What one probe found of one kind. */
export interface FoundFault {
  fault: ProbeFault;
  count: number;
  /** The phases in which it showed, by their labels. */
  byPhase: { label: string; count: number }[];
}

export interface ProbeSummary {
  name: ProbeName;
  /** Null where the record has nothing of it. */
  run: ProbeRun | null;
  worked: boolean;
  found: FoundFault[];
}

/** The scenario's probes, from the baseline on, each with the kinds of faults it found. */
export function probeSummaries(run: Run): ProbeSummary[] {
  return run.header.probes.map((name) => {
    const found = run.probes.find(({ probe }) => probe === name) ?? null;
    return {
      name,
      run: found,
      worked: found !== null && found.readyAt !== null,
      found: found === null ? [] : PROBE_FAULTS[name].flatMap((fault) => foundFault(run, found, fault) ?? []),
    };
  });
}

/** `3 WebSocket messages were never answered: 2 in reload, 1 in rollback`. */
export function foundText({ fault, count, byPhase }: FoundFault): string {
  const claim = `${formatCount(count)} ${fault.claim}`;
  const [only, ...others] = byPhase;
  if (only === undefined) return claim;
  if (others.length === 0) return `${claim} in ${only.label}`;
  return `${claim}: ${byPhase.map((entry) => `${formatCount(entry.count)} in ${entry.label}`).join(', ')}`;
}

/** What users lost beside the mix after the baseline: `8 long requests in flight were lost`. */
export function lostBesideMix({ probes, phases }: Run): string[] {
  return probes.flatMap(({ probe, byPhase }) =>
    PROBE_FAULTS[probe].flatMap(({ count, severity, claim }) => {
      if (severity !== 'breach') return [];
      const after = byPhase.filter(({ phase }) => phases[phase]?.kind !== 'baseline');
      const lost = after.reduce((sum, { counts }) => sum + (counts[count] ?? 0), 0);
      return lost === 0 ? [] : [`${formatCount(lost)} ${claim}`];
    }),
  );
}

/** A line for each probe that found something or never worked, and one for the others. */
export function probeLines(run: Run): { text: string; severity: ProbeFault['severity'] | 'none' }[] {
  const all = probeSummaries(run);
  const quiet = all.filter(({ worked, found }) => worked && found.length === 0);
  return [
    ...all
      .filter(({ found }) => found.length > 0)
      .map(({ name, found }) => ({
        text: `${name}: ${found.map(foundText).join('; ')}`,
        severity: worstOf(found),
      })),
    ...all
      .filter(({ worked, found }) => !worked && found.length === 0)
      .map(({ name }) => ({ text: `${name}: never worked`, severity: 'risk' as const })),
    ...(quiet.length === 0
      ? []
      : [{ text: `probes: ${quiet.map(quietText).join(', ')}: nothing found`, severity: 'none' as const }]),
  ];
}

/** `idle 50`: with the number of its connections, where it has any. */
function quietText({ name, run }: ProbeSummary): string {
  const connections = run?.counts.connections ?? run?.counts.connected ?? 0;
  return connections > 0 ? `${name} ${formatCount(connections)}` : name;
}

function worstOf(found: readonly FoundFault[]): ProbeFault['severity'] {
  return (
    (['breach', 'risk', 'evidence'] as const).find((level) => found.some(({ fault }) => fault.severity === level)) ??
    'evidence'
  );
}

function foundFault(run: Run, { byPhase }: ProbeRun, fault: ProbeFault): FoundFault | null {
  const phases = byPhase
    .map(({ phase, counts }) => ({ label: phaseLabel(run.phases, phase), count: counts[fault.count] ?? 0 }))
    .filter(({ count }) => count > 0);
  const count = phases.reduce((sum, entry) => sum + entry.count, 0);
  return count === 0 ? null : { fault, count, byPhase: phases };
}
