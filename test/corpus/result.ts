/** The parts of `run.json` that are scored. */
export interface RunJson {
  startedAt: string;
  durationMs: number;
  verdict: string;
  release: string;
  gate: string;
  exitCode: number;
  headline: string;
  reasons: string[];
  bound: { requests: number; failures: number; failureRateUpper95: number; shortestDetectableOutageMs: number };
  totals: { requests: number; failed: number; byError: Record<string, number> };
  phases: {
    name: string;
    kind: string;
    role: string;
    startMs: number;
    endMs: number;
    judged: boolean;
    failed: number;
    outcome: string | null;
  }[];
  outages: { startMs: number; durationMs: number; phase: string }[];
  stalls: { startMs: number; durationMs: number; phase: string }[];
  findings: { rule: string; severity: string; phase: string; claim: string }[];
  cause: { rule: string; mode: number | null; phase: string; confidence: string } | null;
  generator: { healthy: boolean; reasons: string[]; faults: string[] };
  /** Waits for locks of a watched database, since the run's start; `endMs` null where nobody saw it end. */
  migration: {
    locks: { startMs: number; endMs: number | null; errorMs: number }[] | null;
    /** Longest time between two looks in a migration; a shorter wait may be missing. */
    lookGapMs?: number | null;
  };
}

/** Those parts of what the file holds: a twentieth of it. */
export function scoredParts(run: RunJson): RunJson {
  const { startedAt, durationMs, verdict, release, gate, exitCode, headline, reasons } = run;
  const { bound, totals, phases, outages, stalls, findings, cause, generator, migration } = run;
  return {
    ...{ startedAt, durationMs, verdict, release, gate, exitCode, headline, reasons, bound, totals, outages, stalls },
    phases: phases.map(({ name, kind, role, startMs, endMs, judged, failed, outcome }) => {
      return { name, kind, role, startMs, endMs, judged, failed, outcome };
    }),
    findings: findings.map(({ rule, severity, phase, claim }) => ({ rule, severity, phase, claim })),
    cause,
    generator,
    migration,
  };
}

/** While users were being asked for: first judged phase to the last, in wall-clock time; null where there is none. */
export function judgedWindow({ startedAt, phases }: RunJson): { from: number; to: number } | null {
  const judged = phases.filter((phase) => phase.judged);
  if (judged.length === 0) return null;
  const zero = Date.parse(startedAt);
  return {
    from: zero + Math.min(...judged.map(({ startMs }) => startMs)),
    to: zero + Math.max(...judged.map(({ endMs }) => endMs)),
  };
}

/**
 * Where it went wrong first: the earliest phase after the baseline in which requests failed or that a breach names
 * (failures, stalls, what a probe lost); where users met nothing, the first step that did not end well.
 */
export function firstHarm({ phases, findings }: RunJson): string | null {
  // Phases that are judged together share a finding: `switch + reload`.
  const breached = findings.filter(({ severity }) => severity === 'breach').flatMap(({ phase }) => phase.split(' + '));
  const steps = phases.filter(({ kind }) => kind !== 'baseline');
  const harmed = steps.find(({ name, judged, failed }) => (judged && failed > 0) || breached.includes(name));
  const ended = steps.find(({ outcome }) => outcome !== null && !['ok', 'skipped', 'not-reached'].includes(outcome));
  return (harmed ?? ended)?.name ?? null;
}

/** Said by thresholds that prove nothing because of the machine. */
const LATE = [/the harness was late: /, /the harness did not run for /, /the hypervisor took .*in the baseline/];

/**
 * Why the run proves nothing although nothing is known against the target: what the machine did to the harness. Its
 * own faults and a torn record are no disturbance. `expected`: exit codes of the label; beside a doubt the gate may have
 * found what it should.
 */
export function disturbances(
  { exitCode, verdict, reasons, generator, ...run }: RunJson & { cut?: boolean },
  expected: readonly number[] = [],
): string[] {
  // 94: a starved machine is sick before the release, too.
  if (
    ![98, 94, ...expected].includes(exitCode) ||
    verdict !== 'inconclusive' ||
    generator.faults.length > 0 ||
    run.cut === true
  )
    return [];
  return [...generator.reasons, ...reasons.filter((reason) => LATE.some((late) => late.test(reason)))];
}
