import { describe, expect, it } from 'vitest';
import type { Case } from './cases.ts';
import type { Finding } from './evidence.ts';
import { badCase, exampleCase, examplePhase, exampleRun, failedRun } from './example.ts';
import { firstHarm, judgedWindow, type RunJson } from './result.ts';
import { score } from './score.ts';

const confirmed: Finding[] = [{ claim: 'v2 took over', state: 'holds', disturbed: false, detail: '1' }];
const outcomeOf = (label: Case, run: RunJson, exitCode = run.exitCode): string =>
  score(label, run, exitCode, confirmed).outcome;

const starved = exampleRun({
  verdict: 'inconclusive',
  gate: 'inconclusive',
  exitCode: 98,
  reasons: ['nothing was sent for 700 ms'],
  generator: { healthy: false, reasons: ['nothing was sent for 700 ms'], faults: [] },
});
const noChange = exampleCase({
  corpus: 'I01',
  verdict: ['inconclusive'],
  exitCode: [98],
  reason: '^the version never changed',
});
const unchanged = exampleRun({ verdict: 'inconclusive', exitCode: 98, reasons: ['the version never changed (v1)'] });

describe('a run is', () => {
  it.each<[string, Case, RunJson, number?]>([
    ['right', exampleCase(), exampleRun()],
    ['right', badCase(), failedRun('switch')],
    ['right', noChange, unchanged],
    ['false alarm', exampleCase(), failedRun('switch')],
    ['false alarm', exampleCase(), exampleRun({ exitCode: 99 })],
    ['false alarm', noChange, failedRun('switch')],
    ['missed', badCase(), exampleRun()],
    ['missed', badCase(), unchanged],
    ['missed', badCase(), failedRun('switch', { exitCode: 0 })],
    ['missed', noChange, exampleRun()],
    ['wrong', badCase(), failedRun('rollback')],
    ['wrong', badCase(), failedRun('switch', { release: 'rolled-back' })],
    ['wrong', badCase(), failedRun('switch', { exitCode: 97 })],
    ['wrong', badCase(), failedRun('switch'), 1],
    ['wrong', badCase({ finding: ['idle-closed'] }), failedRun('switch')],
    ['wrong', exampleCase(), unchanged],
    ['wrong', noChange, exampleRun({ verdict: 'inconclusive', exitCode: 98, reasons: ['the cache answered'] })],
    ['disturbed', exampleCase(), starved],
    ['disturbed', badCase(), starved],
    ['disturbed', exampleCase(), { ...starved, exitCode: 94 }],
    ['disturbed', noChange, starved],
    ['disturbed', exampleCase({ exitCode: [99] }), { ...starved, exitCode: 99 }],
    ['wrong', exampleCase(), { ...starved, exitCode: 99 }],
  ])('%s', (outcome, label, run, exitCode) => {
    expect(outcomeOf(label, run, exitCode)).toBe(outcome);
  });

  it('right, and not disturbed, where it found what it should on a busy machine', () => {
    const { generator } = starved;
    expect(outcomeOf(badCase(), failedRun('switch', { generator }))).toBe('right');
  });

  it('right where the case is about a starved harness, for the reason it names alone', () => {
    const label = { ...noChange, reason: '^nothing was sent' };
    expect(outcomeOf(label, starved)).toBe('right');
    expect(outcomeOf({ ...noChange, reason: 'no local port' }, starved)).toBe('disturbed');
  });

  it('not excused by faults of its own or by a torn record', () => {
    const faults = ['the recorder failed'];
    expect(outcomeOf(exampleCase(), { ...starved, generator: { healthy: false, reasons: faults, faults } })).toBe(
      'wrong',
    );
    expect(outcomeOf(badCase(), Object.assign({ ...starved }, { cut: true }))).toBe('missed');
  });

  it('disturbed where a threshold proves nothing because of the machine', () => {
    const reasons = ['latency p(99)<500 in run: the harness was late: the answers themselves were not that slow'];
    expect(outcomeOf(exampleCase(), exampleRun({ verdict: 'inconclusive', exitCode: 98, reasons }))).toBe('disturbed');
  });

  it.each([
    ['unconfirmed', 'contradicts', false],
    ['unconfirmed', 'unseen', false],
    ['disturbed', 'unseen', true],
  ] as const)('%s where evidence %s (disturbed: %s), whatever it says', (outcome, state, disturbed) => {
    const evidence: Finding[] = [...confirmed, { claim: 'nobody listened', state, disturbed, detail: '' }];
    for (const run of [failedRun('switch'), exampleRun()])
      expect(score(badCase(), run, run.exitCode, evidence).outcome).toBe(outcome);
  });

  it('right either way where a race decides, as long as the risk is found', () => {
    const race = badCase({ verdict: ['zero-downtime', 'downtime'], exitCode: [0, 99], finding: ['idle-closed'] });
    const finding = { rule: 'idle-closed', severity: 'risk', phase: 'switch', claim: '' };
    expect(outcomeOf(race, exampleRun({ findings: [finding] }))).toBe('right');
    const lost = failedRun('switch');
    expect(outcomeOf(race, { ...lost, findings: [...lost.findings, finding] })).toBe('right');
    expect(outcomeOf(race, exampleRun())).toBe('missed');
    const elsewhere = failedRun('rollback');
    expect(outcomeOf(race, { ...elsewhere, findings: [...elsewhere.findings, finding] })).toBe('wrong');
  });
});

describe('the first harm', () => {
  it('is in the first step with a failure', () => {
    expect(firstHarm(failedRun('rollback'))).toBe('rollback');
    expect(firstHarm(exampleRun())).toBeNull();
  });

  it('is where a breach is, such as a stall, also in steps judged together', () => {
    const findings = [{ rule: 'stalled-step', severity: 'breach', phase: 'switch + rollback', claim: '' }];
    expect(firstHarm(exampleRun({ findings }))).toBe('switch');
    const risk = [{ rule: 'idle-closed', severity: 'risk', phase: 'switch', claim: '' }];
    expect(firstHarm(exampleRun({ findings: risk }))).toBeNull();
  });

  it('is not in the baseline', () => {
    const run = exampleRun();
    const phases = run.phases.map((phase) => (phase.name === 'baseline' ? { ...phase, failed: 3 } : phase));
    expect(firstHarm({ ...run, phases })).toBeNull();
  });

  it('is the step that ended badly where users met none', () => {
    const phases = [...exampleRun().phases, examplePhase('build', { outcome: 'failed' })];
    expect(firstHarm(exampleRun({ phases }))).toBe('build');
  });
});

describe('the judged time', () => {
  it('reaches from the baseline to the last judged step', () => {
    const zero = Date.parse('2026-01-01T00:00:00.000Z');
    expect(judgedWindow(exampleRun())).toEqual({ from: zero + 5000, to: zero + 20_000 });
    expect(judgedWindow(exampleRun({ phases: [] }))).toBeNull();
  });
});
