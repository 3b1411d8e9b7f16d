import type { Case, CountInFile } from './cases.ts';
import type { RunJson } from './result.ts';

/** A good case, with what a test is about. */
export function exampleCase(changes: Partial<Case> = {}): Case {
  return {
    id: 'proxy/good',
    name: 'good',
    scenario: 'proxy',
    folder: '/nowhere/proxy',
    system: 'a proxy',
    needs: [],
    root: false,
    mistake: 'none',
    corpus: 'G01',
    set: {},
    verdict: ['zero-downtime'],
    release: ['completed'],
    exitCode: [0],
    evidence: [exampleEvidence()],
    ...changes,
  };
}

export function badCase(changes: Partial<Case> = {}): Case {
  return exampleCase({
    id: 'proxy/kill',
    name: 'kill',
    corpus: 'B01',
    set: { BREAK: 'kill' },
    mistake: 'killed',
    verdict: ['downtime'],
    exitCode: [99],
    step: ['switch'],
    ...changes,
  });
}

export function exampleEvidence(changes: Partial<CountInFile> = {}): CountInFile {
  return { claim: 'v2 took over', file: 'log/app.log', match: 'listening', atLeast: 1, ...changes };
}

/** A run in which nothing was lost. */
export function exampleRun(changes: Partial<RunJson> = {}): RunJson {
  return {
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 30_000,
    verdict: 'zero-downtime',
    release: 'completed',
    gate: 'pass',
    exitCode: 0,
    headline: '',
    reasons: [],
    bound: { requests: 4000, failures: 0, failureRateUpper95: 0.00075, shortestDetectableOutageMs: 30 },
    totals: { requests: 5000, failed: 0, byError: {} },
    phases: [
      examplePhase('prepare', { kind: 'setup', judged: false, endMs: 3000 }),
      examplePhase('baseline', { kind: 'baseline', startMs: 5000, endMs: 10_000, outcome: null }),
      examplePhase('switch', { startMs: 10_000, endMs: 15_000 }),
      examplePhase('rollback', { startMs: 15_000, endMs: 20_000, role: 'rehearsal' }),
    ],
    outages: [],
    stalls: [],
    findings: [],
    cause: null,
    generator: { healthy: true, reasons: [], faults: [] },
    migration: { locks: null },
    ...changes,
  };
}

/** A run that lost requests in one step. */
export function failedRun(step: string, changes: Partial<RunJson> = {}): RunJson {
  const run = exampleRun({ verdict: 'downtime', gate: 'fail', exitCode: 99 });
  const phases = run.phases.map((phase) => (phase.name === step ? { ...phase, failed: 40 } : phase));
  const findings = [{ rule: 'failing-step', severity: 'breach', phase: step, claim: '' }];
  const outages = [{ startMs: 11_000, durationMs: 700, phase: step }];
  return {
    ...run,
    phases,
    findings,
    outages,
    totals: { requests: 5000, failed: 40, byError: { refused: 40 } },
    ...changes,
  };
}

export function examplePhase(name: string, changes: Partial<RunJson['phases'][number]>): RunJson['phases'][number] {
  return {
    name,
    kind: name,
    role: 'release',
    startMs: 0,
    endMs: 0,
    judged: true,
    failed: 0,
    outcome: 'ok',
    ...changes,
  };
}
