import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { baseRuns, earlierRuns, standardsOf } from '../../src/cli/base-runs.js';
import { compareCommand, judgeAgainst } from '../../src/cli/compare.js';
import { comparisonAnnotations, comparisonLines } from '../../src/cli/compare-table.js';
import { gateCommand } from '../../src/cli/gate.js';
import { judgedRun, judgeRecord, writeOutputs } from '../../src/cli/results.js';
import { readEvidence } from '../../src/cli/run-evidence.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { compareRuns, exitCodeOfComparison } from '../../src/judge/compare/compare.js';
import type { Comparison } from '../../src/model/comparison.js';
import { randomFor } from '../../src/model/random.js';
import { Recorder } from '../../src/record/recorder.js';
import { DEFAULTS, OK, type PhasePlan, REFUSED, type RunPlan, record, threshold } from '../record/build-run.js';
import { watchHeader } from '../record/observations.js';
import { batchOf } from '../record/sample-batch.js';

const PHASES: PhasePlan[] = [
  { name: 'warmup', kind: 'warmup', ms: 1000 },
  { name: 'baseline', kind: 'baseline', ms: 10_000 },
  { name: 'reload', kind: 'reload', ms: 10_000, readyAfterMs: 500 },
  { name: 'rollback', kind: 'rollback', role: 'rehearsal', ms: 10_000, readyAfterMs: 400 },
];

interface Made {
  /** Factors of the latencies by phase. */
  slower?: Record<string, number>;
  /** Requests that are refused from 15 s on. */
  refused?: number;
  scenario?: string;
  startedAt?: string;
  plan?: RunPlan;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zdd-compare-'));
  await makeRun('one', { startedAt: '2026-01-01T00:00:00.000Z' });
  await makeRun('two', { startedAt: '2026-01-02T00:00:00.000Z' });
  await makeRun('slow', { slower: { reload: 1.5 }, startedAt: '2026-01-03T00:00:00.000Z' });
  await makeRun('refused', { refused: 3, startedAt: '2026-01-04T00:00:00.000Z' });
  await makeRun('machine', { slower: { baseline: 1.5, reload: 1.5, rollback: 1.5 } });
  await makeRun('other', { scenario: 'another one' });
  await makeRun('cut', { plan: { end: null, ended: false } });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A run directory with even arrivals of 10 ms, more or less, and its `run.json`. */
async function makeRun(name: string, { slower = {}, refused = 0, scenario, startedAt, plan }: Made): Promise<void> {
  const random = randomFor(name);
  let left = refused;
  const { header, events, samples } = record({
    ratePerSec: 100,
    phases: PHASES,
    fate: ({ dueAt, phase }) => {
      const outcome = dueAt >= 15_000 && left-- > 0 ? REFUSED : OK;
      return { outcome, latencyMs: (8 + 4 * random()) * (slower[phase] ?? 1) };
    },
    ...plan,
  });
  const recorder = await Recorder.create(join(folder, name), {
    redact: (value) => value,
    onFault: (reason) => {
      throw new Error(reason);
    },
    listener: { event: () => {}, sample: () => {} },
  });
  const own = { ...header.scenario, name: scenario ?? header.scenario.name };
  recorder.event({ ...header, runId: name, startedAt: startedAt ?? header.startedAt, scenario: own });
  for (const event of events) recorder.event(event);
  recorder.samples(batchOf(samples, ['home']));
  await recorder.close();
  await writeOutputs(at(name), await judgeRecord(at(name)), { only: ['json'] });
}

/** Changes the `run.json` of a run. */
async function rewrite(name: string, change: object): Promise<void> {
  const file = join(at(name), 'run.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
}

function at(name: string): string {
  return join(folder, name);
}

async function compared(base: readonly string[], fresh: string): Promise<Comparison> {
  const evidence = await Promise.all(base.map((name) => readEvidence(at(name))));
  return compareRuns(evidence, await readEvidence(at(fresh)));
}

describe('a comparison of recorded runs', () => {
  it('finds nothing between two good runs', async () => {
    const comparison = await compared(['one'], 'two');
    expect(comparison).toMatchObject({ result: 'no-regression', reasons: [], failures: [] });
    expect(comparison.latency.map(({ step, p50, p99 }) => [step, p50.state, p99.state])).toEqual([
      ['reload', '~', '~'],
      ['rollback', '~', '~'],
    ]);
    expect(exitCodeOfComparison(comparison)).toBe(0);
  });

  it('says nothing of a run held against itself', async () => {
    const { latency, control, result } = await compared(['one'], 'one');
    expect(result).toBe('no-regression');
    for (const row of [...control, ...latency]) {
      expect(row).toMatchObject({ a12: 0.5, p50: { state: '~', p: 1 }, p99: { state: '~', p: 1 } });
    }
  });

  it('finds a step that became slower, and only that', async () => {
    const comparison = await compared(['one'], 'slow');
    expect(comparison.result).toBe('regression');
    expect(exitCodeOfComparison(comparison)).toBe(99);
    expect(comparison.latency.map(({ step, p50, p99 }) => [step, p50.state, p99.state])).toEqual([
      ['reload', 'slower', 'slower'],
      ['rollback', '~', '~'],
    ]);
    expect(comparison.headline).toBe(
      'Regression against the base run: reload: p50 15 ms, was 10.0 ms (+49 %), and 1 more.',
    );
  });

  it('finds the same step faster the other way round, which is no regression', async () => {
    const comparison = await compared(['slow'], 'one');
    expect(comparison).toMatchObject({ result: 'no-regression', latency: [{ p50: { state: 'faster' } }, {}] });
    expect(comparison.notes).toContainEqual(expect.stringMatching(/^reload: p50 10\.0 ms, was 15 ms \(−33 %\)$/));
  });

  it('takes any failed request as a regression where the base has none', async () => {
    const comparison = await compared(['one', 'two'], 'refused');
    expect(comparison.result).toBe('regression');
    expect(comparison.reasons[0]).toBe('3 failed requests of home in reload: the base has none');
    expect(comparison.failures.map(({ kind, state }) => [kind, state])).toEqual([
      ['failed', 'worse'],
      ['outage', 'worse'],
    ]);
    expect(await compared(['refused'], 'refused')).toMatchObject({ result: 'no-regression' });
    expect(await compared(['refused'], 'one')).toMatchObject({ failures: [{ state: 'better' }, { state: 'better' }] });
  });

  it('judges nothing on latency where the baseline itself is slower', async () => {
    const comparison = await compared(['one'], 'machine');
    expect(comparison.result).toBe('inconclusive');
    expect(exitCodeOfComparison(comparison)).toBe(98);
    expect(comparison.headline).toMatch(
      /^Inconclusive: the machine differs: p50 in the baseline, before any release, went/,
    );
    for (const { p50, p99 } of comparison.latency) expect([p50.state, p99.state]).toEqual(['~', '~']);
  });

  it('is inconclusive where a run is no evidence, and leaves such base runs out beside others', async () => {
    expect(await compared(['one'], 'cut')).toMatchObject({ result: 'inconclusive', latency: [] });
    expect(await compared(['cut'], 'one')).toMatchObject({ result: 'inconclusive', latency: [] });
    const { result, notes } = await compared(['cut', 'one'], 'two');
    expect(result).toBe('no-regression');
    expect(notes).toContainEqual(expect.stringMatching(/^base run cut is left out: /));
  });

  it('takes no pass from a new run that proves nothing', async () => {
    const random = randomFor('unchanged');
    await makeRun('unchanged', { plan: { fate: () => ({ latencyMs: 8 + 4 * random(), version: 'v1' }) } });
    const comparison = await compared(['one'], 'unchanged');
    expect(comparison.new).toMatchObject({ verdict: 'inconclusive', release: 'completed', healthy: true });
    expect(comparison.result).toBe('inconclusive');
    expect(comparison.reasons).toEqual([expect.stringMatching(/^the new run is inconclusive: .*version/)]);
  });

  it('counts the arrivals of a step by when they were due, so that slow answers are no smaller load', async () => {
    const phases = PHASES.map((phase) =>
      phase.kind === 'warmup' || phase.kind === 'baseline' ? phase : { ...phase, ms: 6000 },
    );
    await makeRun('usual', { plan: { phases } });
    const random = randomFor('half-slow');
    const fate: RunPlan['fate'] = ({ seq, phase }) => {
      return { latencyMs: phase === 'reload' && seq % 2 === 0 ? 3000 : 8 + 4 * random() };
    };
    await makeRun('half-slow', { plan: { phases, fate } });
    const { latency, result } = await compared(['usual'], 'half-slow');
    expect(latency[0]).toMatchObject({ step: 'reload', p99: { state: 'slower' } });
    expect(latency[0]?.samples.new).toBeLessThan(0.8 * (latency[0]?.samples.base ?? 0));
    expect(result).toBe('regression');
  });

  it('says nothing of steps under another load, which is no pass', async () => {
    await makeRun('half', { plan: { ratePerSec: 50 } });
    const comparison = await compared(['one'], 'half');
    expect(comparison.result).toBe('inconclusive');
    const load = 'another load: 50 arrivals a second, and 100 in the base';
    expect(comparison.reasons).toEqual(expect.arrayContaining([`reload: ${load}`, `rollback: ${load}`]));
  });

  it('is no pass beside two base runs, however much slower a step is than they are', async () => {
    await makeRun('near', { slower: { reload: 1.1 } });
    await makeRun('ten-times', { slower: { reload: 10 } });
    const comparison = await compared(['one', 'near'], 'ten-times');
    expect(comparison.result).toBe('inconclusive');
    expect(comparison.reasons[0]).toMatch(
      /^reload: p50 \d+ ms, was 1\d ms \(\+\d+ %\): too few base runs: 2 cannot say whether runs differ as much, 5 can$/,
    );
  });

  it('blames nobody for a slower step after a baseline that is too short to compare', async () => {
    const short = PHASES.map((phase) => (phase.kind === 'baseline' ? { ...phase, ms: 3000 } : phase));
    await makeRun('short', { plan: { phases: short } });
    await makeRun('short-slow', { slower: { reload: 1.5, rollback: 1.5 }, plan: { phases: short } });
    const comparison = await compared(['short'], 'short-slow');
    expect(exitCodeOfComparison(comparison)).toBe(98);
    expect(comparison.reasons).toEqual([
      expect.stringMatching(/^whether the machine differs cannot be told from the baseline: .* which take 4\.0 s$/),
    ]);
  });

  it('gives the same bytes every time', async () => {
    const make = async () => JSON.stringify(await compared(['one', 'two'], 'slow'));
    expect(await make()).toBe(await make());
  });

  it('is a table on the terminal', async () => {
    const lines = comparisonLines(await compared(['one'], 'slow'), PLAIN);
    expect(`${lines.join('\n')}\n`).toMatchInlineSnapshot(`
      " ✗ Regression against the base run: reload: p50 15 ms, was 10.0 ms (+49 %), and 1 more.
         - reload: p99 18 ms, was 12 ms (+50 %)

       step                  flow  samples       p50                                      p99                                    A12
       baseline              all   1,000, 1,000  10 ms → 10 ms    ~ −0.2 to +0.1 ms       12 ms → 12 ms  ~ −0.0 to +0.0 ms       0.49
       reload                all   1,000, 999    10.0 ms → 15 ms  slower +4.7 to +5.2 ms  12 ms → 18 ms  slower +5.9 to +6.0 ms  1.00
       rollback (rehearsal)  all   1,000, 1,001  9.9 ms → 10 ms   ~ +0.0 to +0.4 ms       12 ms → 12 ms  ~ −0.0 to +0.0 ms       0.52
       New less base with its 95 % interval; ~: nothing can be said. Any false change: 5 % of comparisons at most.
       one base run cannot say how much runs differ among themselves: give several, or a folder of them
      "
    `);
  });

  it('is an annotation a regression, with nothing of a command in its text', async () => {
    const comparison = await compared(['one'], 'slow');
    const annotations = comparisonAnnotations({ ...comparison, reasons: ['100 %\n::error::x'] });
    expect(annotations).toEqual(['::error title=zdd-verify compare::100 %25 ::error::x']);
    expect(comparisonAnnotations({ ...comparison, result: 'inconclusive' })).toEqual([]);
  });
});

describe('the base runs', () => {
  const options = { scenario: 'synthetic', except: null, last: 10 };

  it('are a directory, a run.json, or the newest good runs of a folder', () => {
    expect(baseRuns([at('one'), join(at('one'), 'run.json')], options)).toEqual([at('one')]);
    expect(baseRuns([folder], { ...options, last: 2 })).toEqual([at('slow'), at('two')]);
    const good = baseRuns([folder], { ...options, except: 'slow' });
    expect(good).toContain(at('machine'));
    for (const name of ['slow', 'refused', 'other', 'cut']) expect(good).not.toContain(at(name));
  });

  it('are all those since the oldest that counts: what is left out takes no place of another', async () => {
    await makeRun('failed', { startedAt: '2026-01-05T00:00:00.000Z' });
    await rewrite('failed', { gate: 'fail' });
    await makeRun('latest', { startedAt: '2026-01-06T00:00:00.000Z' });
    expect(baseRuns([folder], { ...options, last: 2 })).toEqual([at('latest'), at('failed'), at('slow')]);
    expect(standardsOf([at('latest'), at('failed')])).toEqual({
      standards: [at('latest')],
      note: expect.stringMatching(
        /^base runs are left out, as they are regressions themselves, or their gate failed: failed; /,
      ),
    });
    expect(standardsOf([at('failed')])).toMatchObject({ standards: [at('failed')], note: expect.any(String) });
    for (const name of ['failed', 'latest']) await rm(at(name), { recursive: true });
  });

  it('are refused where there are none', () => {
    expect(() => baseRuns([at('nowhere')], options)).toThrow(/there is no/);
    expect(() => baseRuns([folder], { ...options, scenario: 'unknown' })).toThrow(/holds no earlier run of unknown/);
    expect(() => earlierRuns([at('other')], 'synthetic')).toThrow(/is a run of another one, and not of synthetic/);
  });
});

describe('the commands', () => {
  const written = { stdout: '', stderr: '' };
  beforeEach(() => {
    for (const name of ['stdout', 'stderr'] as const) {
      written[name] = '';
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        written[name] += String(text);
        return true;
      });
    }
    vi.stubEnv('NO_COLOR', '1');
    vi.stubEnv('GITHUB_ACTIONS', '');
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    process.exitCode = undefined;
  });

  const compare = (...args: string[]) => compareCommand().exitOverride().parseAsync(args, { from: 'user' });
  const gate = (...args: string[]) => gateCommand().exitOverride().parseAsync(args, { from: 'user' });

  it('print the directory of the new run last, and exit with 99 on a regression', async () => {
    await compare(at('one'), at('two'), at('slow'));
    expect(written.stdout).toBe(`${at('slow')}\n`);
    expect(written.stderr).toContain('2 base runs');
    expect(process.exitCode).toBe(99);
  });

  it('print JSON on demand', async () => {
    await compare(at('one'), at('machine'), '--json');
    expect(JSON.parse(written.stdout)).toMatchObject({ schema: 'zdd-verify/comparison/v1', result: 'inconclusive' });
    expect(process.exitCode).toBe(98);
  });

  it('refuse what cannot be compared, unless they are told to', async () => {
    await expect(compare(at('one'))).rejects.toMatchObject({ code: 'USAGE' });
    await expect(compare(at('one'), folder)).rejects.toThrow(/is no run directory/);
    await expect(compare(at('one'), at('two'), '--last', '0')).rejects.toThrow(/--last takes a whole number from 1/);
    await expect(compare(at('other'), at('two'))).rejects.toThrow(/is a run of another one/);
    await compare(at('other'), at('two'), '--force');
    expect(process.exitCode).toBe(0);
  });

  it('never take the new run, or a copy of it, for its own base', async () => {
    await cp(at('refused'), at('refused-copy'), { recursive: true });
    await symlink(at('refused'), at('refused-link'));
    await symlink(at('one'), at('one-link'));
    await compare(
      at('one'),
      at('one-link'),
      at('refused'),
      at('refused-copy'),
      at('refused-link'),
      at('refused'),
      '--json',
    );
    expect(process.exitCode).toBe(99);
    expect(JSON.parse(written.stdout).base).toMatchObject([{ runId: 'one' }]);
    const only = /^refused is the only run that is named: it cannot be compared with itself$/;
    await expect(compare(at('refused-copy'), at('refused'))).rejects.toThrow(only);
    await expect(gate(at('refused'), '--baseline', at('refused'))).rejects.toThrow(only);
    for (const name of ['refused-copy', 'refused-link', 'one-link']) await rm(at(name), { recursive: true });
  });

  it('find a regression again when the release is tried again, and say which base runs are none', async () => {
    const plain = await readFile(join(at('slow'), 'run.json'), 'utf8');
    const all = ['one', 'two', 'slow'].flatMap((name) => ['--baseline', at(name)]);
    await gate(at('slow'), ...all.slice(0, 4));
    await makeRun('retry', { slower: { reload: 1.5 } });
    await gate(at('retry'), ...all);
    expect(process.exitCode).toBe(99);
    const { comparison } = JSON.parse(await readFile(join(at('retry'), 'run.json'), 'utf8'));
    expect(comparison.base).toMatchObject([{ runId: 'one' }, { runId: 'two' }]);
    expect(comparison.notes[0]).toContain('their gate failed: slow; one is compared with where it is named alone');
    await gate(at('retry'), ...all.slice(4));
    expect(process.exitCode).toBe(0);
    await writeFile(join(at('slow'), 'run.json'), plain);
    await rm(join(at('slow'), 'comparison.json'));
  });

  it('judge by a policy of whatever the scenario itself could name', async () => {
    await makeRun('watched', { plan: { watch: [watchHeader('postgres', 'db')] } });
    const policy = join(folder, 'policy.yaml');
    await writeFile(policy, '"metric{name:db/blocked_ms}": ["max<1000"]\n"latency{step:reload}": ["p(99)<1s"]\n');
    await gate(at('watched'), '--thresholds', policy);
    expect(written.stderr).toContain('db/blocked_ms');
    await writeFile(policy, '"latency{step:baseline}": ["p(99)<1s"]\n');
    await expect(gate(at('watched'), '--thresholds', policy)).rejects.toThrow(/there is no step `baseline`/);
  });

  it('compare again where the comparison that is there cannot be used', async () => {
    await makeRun('mended', {});
    await writeFile(join(at('mended'), 'comparison.json'), '{ "schema": "zdd-ver');
    await expect(gate(at('mended'))).rejects.toMatchObject({ code: 'RECORD_UNREADABLE' });
    await gate(at('mended'), '--baseline', at('one'));
    expect(process.exitCode).toBe(0);
    expect((await judgedRun(at('mended'))).comparison).toMatchObject({ result: 'no-regression' });
  });

  it('add a comparison to a run that is judged again, and end a run that passes with 99', async () => {
    const plain = await readFile(join(at('slow'), 'run.json'), 'utf8');
    expect(JSON.parse(plain)).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(plain)).not.toHaveProperty('comparison');
    await gate(at('slow'), '--baseline', at('one'), '--baseline', at('two'));
    expect(process.exitCode).toBe(99);
    const run = JSON.parse(await readFile(join(at('slow'), 'run.json'), 'utf8'));
    expect(run).toMatchObject({ verdict: 'zero-downtime', exitCode: 99, comparison: { result: 'regression' } });
    await writeFile(join(at('slow'), 'run.json'), plain);
  });

  it('keep the code of a run that does not pass, and its judgement where the comparison fails', async () => {
    const faults: unknown[] = [];
    const { judgement } = await judgeAgainst(at('refused'), [at('one')], (error) => faults.push(error));
    expect([judgement.exitCode, faults]).toEqual([99, []]);
    const alone = await judgeAgainst(at('slow'), [at('nowhere')], (error) => faults.push(error));
    expect([alone.judgement.exitCode, alone.comparison, faults.length]).toEqual([0, undefined, 1]);
  });
});

describe('a run that was held against others', () => {
  it('keeps what came of it when it is judged again', async () => {
    await makeRun('kept', { slower: { reload: 1.5 } });
    const against = await judgeAgainst(at('kept'), [at('one')], (error) => {
      throw error;
    });
    await writeOutputs(at('kept'), against, { only: ['json'] });
    const again = await judgedRun(at('kept'));
    expect(again.comparison).toEqual(JSON.parse(JSON.stringify(against.comparison)));
    expect(again.judgement).toMatchObject({ exitCode: 99, gate: 'pass' });
    expect(again.judgement.reasons).toEqual(against.judgement.reasons);
    // A policy of one's own does not undo it.
    expect((await judgedRun(at('kept'), [])).judgement.exitCode).toBe(99);
  });

  it('is a regression also where it could not support a threshold of its own', async () => {
    const rare = threshold('http_req_failed', {
      aggregate: 'rate',
      comparison: '<',
      value: 1e-5,
      expression: 'rate<0.001%',
    });
    await makeRun('unproven', { slower: { reload: 1.5 }, plan: { thresholds: [...DEFAULTS, rare] } });
    const alone = await judgedRun(at('unproven'));
    expect(alone.judgement.exitCode).toBe(98);
    const { judgement, comparison } = await judgeAgainst(at('unproven'), [at('one')], (error) => {
      throw error;
    });
    expect(judgement.exitCode).toBe(99);
    expect(judgement.reasons).toEqual([...alone.judgement.reasons, ...(comparison?.reasons ?? [])]);
    expect(comparison?.reasons[0]).toMatch(/^reload: p50 15 ms/);
  });

  it('does not pass where the comparison says nothing', async () => {
    const { judgement } = await judgeAgainst(at('machine'), [at('one')], (error) => {
      throw error;
    });
    expect(judgement.exitCode).toBe(98);
    expect(judgement.reasons.join()).toContain('the machine differs');
  });

  it.each([
    ['is cut', '{ "schema": "zdd-ver', 'cannot be used'],
    ['is none', '[]', 'it is no comparison of this version'],
    [
      'is of another run',
      '{ "schema": "zdd-verify/comparison/v1", "new": { "runId": "else" } }',
      'it is of the run else',
    ],
  ])('is not judged by a comparison that %s', async (_, content, message) => {
    const name = `spoilt-${content.length}`;
    await makeRun(name, {});
    await writeFile(join(at(name), 'comparison.json'), content);
    await expect(judgedRun(at(name))).rejects.toThrow(message);
  });
});
