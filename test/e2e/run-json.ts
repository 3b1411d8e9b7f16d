/** The parts of `run.json` that the tests look at, as the contract names them. */
export interface RunJson {
  schema: string;
  verdict: 'zero-downtime' | 'downtime' | 'inconclusive';
  release: 'completed' | 'rolled-back' | 'rollback-failed' | 'aborted' | 'not-started';
  gate: 'pass' | 'fail' | 'inconclusive';
  exitCode: number;
  reasons: string[];
  servesNow: string | null;
  durationMs: number;
  bound: { requests: number; failures: number; failureRateUpper95: number; shortestDetectableOutageMs: number };
  totals: {
    requests: number;
    ok: number;
    failed: number;
    retryable: number;
    unsent: number;
    unsentBy: Record<string, number>;
    byStatus: Record<string, number>;
    byError: Record<string, number>;
    byConnection: Record<'fresh' | 'reused', { requests: number; failed: number }>;
  };
  latency: { p50: number; p99: number; max: number };
  phases: {
    name: string;
    kind: string;
    startMs: number;
    endMs: number;
    commandMs: number | null;
    exitCode: number | null;
    requests: number;
    failed: number;
    byStatus: Record<string, number>;
    byError: Record<string, number>;
  }[];
  outages: {
    startMs: number;
    endMs: number;
    durationMs: number;
    kind: 'hard' | 'partial';
    phase: string;
    streams: string[];
    failed: number;
    byError: Record<string, number>;
  }[];
  stalls: { startMs: number; endMs: number; durationMs: number; phase: string; streams: string[] }[];
  versions: { version: string; firstMs: number; lastMs: number; requests: number; failed: number }[];
  thresholds: { metric: string; expression: string; ok: boolean | null; phase: string }[];
  findings: { rule: string; severity: string; phase: string; claim: string; confidence?: string }[];
  cause: { rule: string; phase: string } | null;
  generator: { healthy: boolean; largestSendGapMs: number; latenessMs: { p50: number; p99: number; max: number } };
}

export function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** `byError` with the classes that occurred alone. */
export function occurred(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/**
 * How a run that went well ends: with 0, or with 98 where the machine starved the harness meanwhile. For tests in
 * which the traffic is not the subject.
 */
export function endOf(result: { code: number | null; runJson: RunJson | null }): string {
  const { code, runJson } = result;
  if (runJson === null) return `exit ${code} without a result`;
  const well = code === 0 || (code === 98 && !runJson.generator.healthy);
  return well ? runJson.release : `exit ${code}, ${runJson.release}: ${runJson.reasons.join('; ')}`;
}
