import { existsSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { eventually, isAlive, leftOver } from './processes.ts';
import { type Cli, type CliResult, readLines, readRunJson, readSamples, type Workplace, workplace } from './run-cli.ts';
import { endOf } from './run-json.ts';
import { smallScenario, TRAFFIC } from './scenarios.ts';

let server: FaultServer;
let place: Workplace;
beforeEach(async () => {
  server = await startFaultServer({ version: 'v1' });
  place = workplace();
});
afterEach(async () => {
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

const VERSION = { header: 'x-release' };
/** Steps that a pipeline's own take the place of: they would be seen. */
const STEPS = [{ name: 'switch', run: 'touch was-run' }];

function scenario(rest: object = {}): string {
  return place.scenario(smallScenario({ url: server.url, steps: STEPS, ...rest }));
}

async function started(args: string[] = [scenario()], env: Record<string, string> = {}): Promise<string> {
  const { code, dir, stderr } = await place.run(['start', ...args, '--detach'], env);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return dir!;
}

const mark = (name: string, env = {}): Promise<CliResult> => place.run(['mark', name], env);
const stop = (args: string[] = [], env = {}): Promise<CliResult> =>
  place.run(['stop', '--hold', '300ms', ...args], env);

/** Waits until so many requests were answered since now: the traffic has seen what was done before. */
async function traffic(requests = 10, of = server): Promise<void> {
  const before = (await of.counts()).requests.total;
  await eventually('the traffic goes on', async () =>
    (await of.counts()).requests.total >= before + requests ? true : null,
  );
}

const baselineOf = (cli: Cli): Promise<true> =>
  eventually('the baseline is under way', () => (cli.stderrSoFar().includes('baseline') ? true : null), 60_000);

const recorderOf = (dir: string): number =>
  (JSON.parse(readFileSync(join(dir, 'started.json'), 'utf8')) as { pid: number }).pid;

async function kill(dir: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const pid = recorderOf(dir);
  process.kill(pid, signal);
  await eventually('the recorder is gone', () => (isAlive(pid) ? null : true));
}

describe('a release of separate commands', () => {
  it('is judged as one run: its marks are the phases, and no step of the scenario is run', async () => {
    const dir = await started();
    expect(dirname(dir)).toBe(join(place.folder, 'reports'));
    expect(await mark('migrate')).toMatchObject({ code: 0, stdout: '' });
    await traffic();
    expect(await mark('smoke test')).toMatchObject({ code: 0 });
    await traffic();
    const { code, dir: stopped, runJson, stderr } = await stop();
    expect(stopped).toBe(dir);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('RELEASE COMPLETED') });
    expect(runJson).toMatchObject({ verdict: 'zero-downtime', release: 'completed', gate: 'pass', exitCode: 0 });
    expect(runJson!.phases.map(({ name, kind }) => [name, kind])).toEqual([
      ['baseline', 'baseline'],
      ['deploy', 'custom'],
      ['migrate', 'migrate'],
      ['smoke test', 'custom'],
    ]);
    const last = runJson!.phases.at(-1)!;
    expect(last.endMs - last.startMs).toBeGreaterThan(300);
    expect(existsSync(join(place.folder, 'was-run'))).toBe(false);
    expect(existsSync(join(dir, 'report.html'))).toBe(true);
    expect(await leftOver(place.mark)).toEqual([]);
  });

  it('that fails users is downtime, in the phase in which it happened, and stop says so as often as it is asked', async () => {
    const job = (step: string) => ({ GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(place.folder, step) });
    const dir = await started([scenario({ thresholds: { http_req_failed: ['rate==0'] } })], job('start'));
    await mark('build');
    await traffic();
    await mark('switch');
    await server.fault({ fault: 'status', status: 503, path: TRAFFIC, times: 5 });
    await traffic(20);
    const { code, runJson, stderr } = await stop([], job('stop'));
    expect(code).toBe(99);
    // The page of a job's step, and its annotations, are those of the step that judges.
    expect(existsSync(join(place.folder, 'start'))).toBe(false);
    expect(readFileSync(join(place.folder, 'stop'), 'utf8')).toContain('in switch');
    expect(stderr).toContain('::error');
    expect(readFileSync(join(dir, 'recorder.log'), 'utf8')).not.toContain('::error');
    expect(runJson).toMatchObject({ verdict: 'downtime', gate: 'fail' });
    const failed = Object.fromEntries(runJson!.phases.map((phase) => [phase.name, phase.failed]));
    expect(failed).toEqual({ baseline: 0, deploy: 0, build: 0, switch: 5 });
    const before = readFileSync(join(dir, 'journal.ndjson'), 'utf8');
    for (const named of [[], [dir]]) {
      const again = await stop(named);
      expect(again).toMatchObject({ code: 99, dir, stderr: expect.stringContaining('is over') });
    }
    expect((await stop([], { ZDD_RUN: dir })).code).toBe(99);
    expect(readFileSync(join(dir, 'journal.ndjson'), 'utf8')).toBe(before);
  });

  it('needs no scenario, and knows its run by ZDD_RUN in any folder', async () => {
    const env = { GITHUB_ENV: join(place.folder, 'github-env') };
    const dir = await started(['--url', `${server.url}${TRAFFIC}`, '--rate', '50/s', '--out', 'elsewhere'], env);
    expect(dirname(dir)).toBe(join(place.folder, 'elsewhere'));
    expect(readFileSync(env.GITHUB_ENV, 'utf8')).toMatch(new RegExp(`^ZDD_RUN<<(\\w+)\n${dir}\n\\1\n$`));
    expect((await mark('switch')).code).toBe(2);
    expect((await mark('switch', { ZDD_RUN: dir })).code).toBe(0);
    await traffic();
    const { runJson } = await stop([], { ZDD_RUN: dir });
    expect(runJson).toMatchObject({ release: 'completed', totals: { failed: 0 } });
    expect(runJson!.phases.map(({ name }) => name)).toEqual(['baseline', 'deploy', 'switch']);
    expect(readLines<{ effective: object }>(dir, 'journal.ndjson')[0]!.effective).not.toHaveProperty('steps');
  });

  it.each([
    [['--release', 'failed'], 'aborted', 97],
    [['--release', 'failure'], 'aborted', 97],
    [['--release', 'rolled-back'], 'rolled-back', 97],
    [['--release', 'rollback-failed'], 'rollback-failed', 95],
  ] as const)('that is said to have ended with %j is no pass', async (args, release, exitCode) => {
    const dir = await started();
    await mark('switch');
    await traffic();
    const { code, runJson, stderr } = await stop([...args]);
    expect({ code, stderr }).toMatchObject({ code: exitCode, stderr: expect.stringContaining('the pipeline says') });
    expect(runJson).toMatchObject({ release, exitCode, totals: { failed: 0 } });
    expect((await stop([dir])).code).toBe(exitCode);
  });

  it('that ends in a rollback was rolled back, and its time is no fault', async () => {
    await started();
    await mark('switch');
    await mark('rollback');
    await traffic();
    const { code, runJson } = await stop();
    expect(code).toBe(97);
    expect(runJson).toMatchObject({ release: 'rolled-back', verdict: 'inconclusive', totals: { failed: 0 } });
    const time = runJson!.thresholds.find(({ metric }) => metric === 'rollback_time');
    expect(time).toMatchObject({ ok: true });
  });

  it('that ends in a rollback was rolled back, also where its job succeeded', async () => {
    await started();
    await mark('switch');
    await mark('rollback');
    await traffic();
    const { code, runJson } = await stop(['--release', 'success']);
    expect({ code, release: runJson!.release }).toEqual({ code: 97, release: 'rolled-back' });
  });

  it('that changes no version that is declared proves nothing', async () => {
    await started([scenario({ target: { url: server.url, timeout: '2s', version: VERSION } })]);
    await mark('switch');
    await traffic();
    const { code, runJson } = await stop();
    expect(code).toBe(98);
    expect(runJson!.reasons.join()).toContain('the version never changed');
  });

  it('that is stopped before its baseline was over was not begun', async () => {
    const cli = place.start(['start', scenario({ baseline: '60s' })]);
    await baselineOf(cli);
    const [name] = runs();
    const { code, runJson } = await stop([join('reports', name!)]);
    expect(code).toBe(98);
    expect(runJson).toMatchObject({ release: 'not-started' });
    expect((await cli.ended).code).toBe(98);
  });

  it('is not begun where the baseline fails: start gives 94 with a report, and stop the same again', async () => {
    await server.fault({ fault: 'status', status: 500, path: TRAFFIC, every: 10 });
    const { code, dir, stderr } = await place.run(['start', scenario(), '--detach']);
    expect(code).toBe(94);
    expect(stderr).toContain('INCONCLUSIVE');
    expect(readRunJson(dir!)).toMatchObject({ release: 'not-started', exitCode: 94 });
    expect(existsSync(join(dir!, 'report.html'))).toBe(true);
    expect(await leftOver(place.mark)).toEqual([]);
    expect((await mark('switch')).code).toBe(2);
    expect((await stop()).code).toBe(94);
  });

  it('is recorded in the foreground too, where start gives the same exit code as stop', async () => {
    const cli = place.start(['start', scenario()]);
    await eventually('the baseline is over', () => (existsSync(join(place.folder, 'reports/.current')) ? true : null));
    await eventually('a phase can be marked', async () => ((await mark('switch')).code === 0 ? true : null));
    await server.fault({ fault: 'status', status: 503, path: TRAFFIC, times: 3 });
    await traffic(20);
    expect((await stop()).code).toBe(99);
    const { code, runJson } = await cli.ended;
    expect(code).toBe(99);
    expect(runJson!.phases.map(({ name }) => name)).toEqual(['baseline', 'deploy', 'switch']);
  });
});

describe('a recorder that is lost', () => {
  it('by a kill proves nothing: stop judges what there is, and says why', async () => {
    const dir = await started();
    await mark('switch');
    await traffic();
    await kill(dir);
    const marked = await mark('reload');
    expect(marked).toMatchObject({ code: 2, stderr: expect.stringContaining('is over') });
    const { code, runJson, stderr } = await stop(['--release', 'completed']);
    expect({ code, stderr }).toMatchObject({ code: 98, stderr: expect.stringContaining('the recorder was lost') });
    expect(runJson).toMatchObject({ verdict: 'inconclusive', exitCode: 98, totals: { failed: 0 } });
    expect(runJson!.reasons.join('\n')).toMatch(/the recorder was lost.*its release: completed/);
    expect(existsSync(join(dir, 'report.html'))).toBe(true);
    expect((await stop()).code).toBe(98);
  });

  it('does not hide that the release has to be looked after: 95', async () => {
    const dir = await started();
    await mark('switch');
    await traffic();
    await kill(dir);
    const { code, runJson } = await stop(['--release', 'rollback-failed']);
    expect({ code, release: runJson!.release }).toEqual({ code: 95, release: 'rollback-failed' });
    expect((await stop()).code).toBe(95);
  });

  it('in a rollback says nothing of the time that it took: 98', async () => {
    const dir = await started();
    await mark('switch');
    await mark('rollback');
    await traffic();
    await kill(dir);
    const { code, runJson } = await stop();
    expect({ code, gate: runJson!.gate }).toEqual({ code: 98, gate: 'inconclusive' });
  });

  it('after users were failed does not hide that: 99', async () => {
    const dir = await started();
    await mark('switch');
    await server.fault({ fault: 'status', status: 503, path: TRAFFIC, times: 5 });
    await traffic(20);
    await eventually('the failures are on record', () =>
      readSamples(dir).filter(({ cause }) => cause === 'unexpected-status').length === 5 ? true : null,
    );
    await kill(dir);
    // The last line of the journal was torn.
    const journal = join(dir, 'journal.ndjson');
    writeFileSync(journal, `${readFileSync(journal, 'utf8')}{"type":"mach`);
    const { code, runJson } = await stop();
    expect(code).toBe(99);
    expect(runJson).toMatchObject({ verdict: 'downtime', exitCode: 99 });
    expect(runJson!.reasons.join('\n')).toContain('the recorder was lost');
    expect((await stop()).code).toBe(99);
  });

  it('after its record was complete, and before its report was, is no pass', async () => {
    const dir = await started();
    await mark('switch');
    await traffic();
    expect((await stop()).runJson).toMatchObject({ release: 'completed' });
    for (const name of ['ended.json', 'run.json', 'report.html']) rmSync(join(dir, name));
    const { code, runJson, stderr } = await stop([dir]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('the recorder was lost') });
    expect(runJson).toMatchObject({ exitCode: 1, totals: { failed: 0 } });
  });

  it('because the disk is full proves nothing, and says so', async () => {
    const { code, dir } = await place.run(['start', scenario(), '--detach'], {}, '-f 24');
    expect(code).toBe(0);
    const pid = recorderOf(dir!);
    await eventually('the recorder is gone', () => (isAlive(pid) ? null : true), 60_000);
    const stopped = await stop();
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain('the record cannot be written');
    expect(stopped.runJson).toMatchObject({ verdict: 'inconclusive' });
  });

  it('with its record proves nothing', async () => {
    const dir = await started();
    await kill(dir);
    truncateSync(join(dir, 'journal.ndjson'));
    const { code, stderr } = await stop();
    expect(code).toBe(98);
    expect(stderr).toContain('holds no readable record');
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('by %s ends in order, and is no pass', async (signal) => {
    const dir = await started();
    await mark('switch');
    await traffic();
    await kill(dir, signal);
    const { code, runJson } = await stop();
    expect(code).toBe(98);
    expect(runJson!.reasons.join('\n')).toContain(`the recorder was ended by ${signal}`);
  });

  it('after maxDuration has ended by itself, and is no pass', async () => {
    const dir = await started([scenario({ maxDuration: '10s' })]);
    await mark('switch');
    const pid = recorderOf(dir);
    await eventually('the recorder is gone', () => (isAlive(pid) ? null : true), 60_000);
    const { code, runJson, stderr } = await stop();
    expect(code).toBe(98);
    expect(stderr).toContain('the recording was over before');
    expect(runJson!.reasons.join('\n')).toContain('maxDuration');
  });

  it('whose run directory is removed ends', async () => {
    const dir = await started();
    const pid = recorderOf(dir);
    renameSync(dir, `${dir}-away`);
    await eventually('the recorder is gone', () => (isAlive(pid) ? null : true), 60_000);
    rmSync(`${dir}-away`, { recursive: true });
  });

  it('does not make an older run of the folder pass for the new one', async () => {
    await started();
    await mark('switch');
    await traffic();
    expect((await stop()).runJson).toMatchObject({ release: 'completed' });
    // This start fails, as a step that a pipeline does not look at may.
    expect((await place.run(['start', join(place.folder, 'missing.yaml'), '--detach'])).code).toBe(2);
    expect(await stop()).toMatchObject({ code: 2, stderr: expect.stringContaining('no run was started') });
  });
});

describe('the beginning of a release of separate commands', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends all by %s during the baseline', async (signal, exitCode) => {
    const cli = place.start(['start', scenario({ baseline: '60s' }), '--detach']);
    await baselineOf(cli);
    cli.child.kill(signal);
    const { code, runJson } = await cli.ended;
    expect(code).toBe(exitCode);
    expect(runJson).toMatchObject({ release: 'not-started', exitCode });
    expect(await leftOver(place.mark)).toEqual([]);
  });

  it('leaves no recorder behind where start itself is killed', async () => {
    const cli = place.start(['start', scenario({ baseline: '60s' }), '--detach']);
    await baselineOf(cli);
    cli.child.kill('SIGKILL');
    await cli.ended;
    expect(await leftOver(place.mark, 30_000)).toEqual([]);
    expect((await stop()).code).toBe(2);
  });

  it('is refused while another run drives the same target, which goes on', async () => {
    const dir = await started();
    const second = await place.run(['start', scenario(), '--detach']);
    expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('TARGET_LOCKED') });
    expect(runs()).toEqual([basename(dir)]);
    await mark('switch');
    await traffic();
    expect((await stop()).runJson).toMatchObject({ release: 'completed' });
  });

  it('tells two runs apart: both are named where neither is meant', async () => {
    const other = await startFaultServer({ version: 'v1' });
    const dirs = [await started(), await started(['--url', `${other.url}${TRAFFIC}`, '--rate', '50/s'])];
    const asked = [await mark('switch'), await stop()];
    for (const { code, stderr } of asked) {
      expect(code).toBe(2);
      for (const dir of dirs) expect(stderr).toContain(dir);
    }
    for (const [ZDD_RUN, of] of [
      [dirs[0]!, server],
      [dirs[1]!, other],
    ] as const) {
      expect((await mark('switch', { ZDD_RUN })).code).toBe(0);
      await traffic(10, of);
      expect((await stop([], { ZDD_RUN })).runJson).toMatchObject({ release: 'completed' });
    }
    await other.stop();
  });

  it.each([
    [['start'], 'start needs a scenario'],
    [['start', 'a.yaml', '--url', 'http://127.0.0.1:1'], 'not both'],
    [['start', '--url', 'http://127.0.0.1:1', '--set', 'a=b'], '--set goes with a scenario'],
    [['start', '--url', 'nonsense'], 'nonsense'],
    [['stop', '--hold', 'long'], '--hold'],
    [['stop', '--release', 'fine'], '--release does not know'],
    [['stop', '.'], 'not the directory of a run'],
    [['stop', 'nowhere'], 'there is no nowhere'],
    [['stop'], 'no run was started'],
    [['mark', 'a\nb'], 'the name of a phase'],
  ])('refuses %j with exit code 2', async (args, words) => {
    const { code, stdout, stderr } = await place.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(runs()).toEqual([]);
  });
});

function runs(): string[] {
  const parent = join(place.folder, 'reports');
  return existsSync(parent) ? readdirSync(parent).filter((name) => !name.startsWith('.')) : [];
}

describe('a step that marks a rollback', () => {
  const marking = (...names: string[]): string => {
    const run = names.map((name) => `zdd-verify mark ${name}; sleep 0.3`).join('; ');
    return place.scenario(smallScenario({ url: server.url, steps: [{ name: 'deploy', run, hold: '300ms' }] }));
  };

  it('and goes on from it is judged by the time that it took', async () => {
    const result = await place.run(['run', marking('switch', 'rollback', 'switch')]);
    expect(endOf(result)).toBe('completed');
    expect(result.runJson!.thresholds.find(({ metric }) => metric === 'rollback_time')).toMatchObject({ ok: true });
  });

  it('and ends with it was rolled back, though its command succeeded', async () => {
    const { code, runJson } = await place.run(['run', marking('switch', 'rollback')]);
    expect({ code, release: runJson!.release }).toEqual({ code: 97, release: 'rolled-back' });
  });
});
