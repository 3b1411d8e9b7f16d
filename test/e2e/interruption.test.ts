import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { eventually, leftOver, marked } from './processes.ts';
import { type Cli, readLines, readRunJson, readSamples, type Workplace, workplace } from './run-cli.ts';
import { endOf } from './run-json.ts';
import { smallScenario } from './scenarios.ts';

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

const ROLLBACK = [{ name: 'rollback', run: 'touch rolled-back', hold: '200ms' }];
/** Types of the events of the one run so far. */
const events = (): string[] =>
  readLines<{ type: string }>(place.runDirs()[0]!, 'journal.ndjson').map(({ type }) => type);
const there = (name: string): boolean => existsSync(join(place.folder, name));

/** Starts a run and waits until its step has written `began`. */
async function startAndReach(step: string, rest: object = {}): Promise<Cli> {
  const steps = [{ name: step, run: 'touch began; sleep 300 & sleep 300; wait' }];
  const cli = place.start(['run', place.scenario(smallScenario({ url: server.url, steps, ...rest }))]);
  await eventually('the step is under way', () => (there('began') ? true : null));
  return cli;
}

describe('a run that is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const)('by %s before the switch stops its step, aborts and reports with %i', async (signal, exitCode) => {
    const cli = await startAndReach('build', { rollback: ROLLBACK });
    cli.child.kill(signal);
    const { code, runJson, dir } = await cli.ended;
    expect(code).toBe(exitCode);
    expect(runJson).toMatchObject({ exitCode, release: 'aborted', verdict: 'inconclusive' });
    expect(there('rolled-back')).toBe(false);
    expect(existsSync(join(dir!, 'report.html'))).toBe(true);
    expect(await leftOver(place.mark)).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('by %s after the switch has begun is rolled back', async (signal) => {
    const cli = await startAndReach('switch', { rollback: ROLLBACK });
    cli.child.kill(signal);
    const { code, runJson } = await cli.ended;
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(runJson!.release).toBe('rolled-back');
    expect(there('rolled-back')).toBe(true);
  });

  it('by SIGTERM after SIGINT lets the rollback finish', async () => {
    const rollback = [
      {
        name: 'rollback',
        run: 'touch rolling; while [ ! -e finish ]; do sleep 0.05; done; touch rolled-back',
        hold: '0s',
      },
    ];
    const cli = await startAndReach('switch', { rollback });
    cli.child.kill('SIGINT');
    await eventually('the rollback is under way', () => (there('rolling') ? true : null));
    cli.child.kill('SIGTERM');
    cli.child.kill('SIGTERM');
    place.touch('finish');
    const { code, runJson } = await cli.ended;
    expect(code).toBe(130);
    expect(runJson!.release).toBe('rolled-back');
    expect(there('rolled-back')).toBe(true);
  });

  it('by a second SIGINT leaves at once and says where the release stands', async () => {
    const rollback = [
      {
        name: 'rollback',
        run: 'touch rolling; while [ ! -e finish ]; do sleep 0.05; done; touch rolled-back',
        hold: '0s',
      },
    ];
    const cli = await startAndReach('switch', { rollback, runbook: 'https://wiki.example/by-hand' });
    cli.child.kill('SIGINT');
    await eventually('the rollback is under way', () => (there('rolling') ? true : null));
    const askedAt = performance.now();
    cli.child.kill('SIGINT');
    const { code, stderr } = await cli.ended;
    expect(performance.now() - askedAt).toBeLessThan(5000);
    expect(code).toBe(130);
    expect(stderr).toContain('https://wiki.example/by-hand');
    // Half a rollback is worse than none: it goes on without the run.
    place.touch('finish');
    await eventually('the rollback has finished', () => (there('rolled-back') ? true : null));
  });

  it('by a second SIGINT leaves no watchdog behind once the rollback has ended, though the old release runs on', async () => {
    const run = 'sleep 300 & touch rolling; while [ ! -e finish ]; do sleep 0.05; done; touch rolled-back';
    const cli = await startAndReach('switch', { rollback: [{ name: 'rollback', run, hold: '0s' }] });
    cli.child.kill('SIGINT');
    await eventually('the rollback is under way', () => (there('rolling') ? true : null));
    cli.child.kill('SIGINT');
    await cli.ended;
    place.touch('finish');
    await eventually('the rollback has finished', () => (there('rolled-back') ? true : null));
    const alive = () => marked(place.mark).map(({ command }) => command);
    await eventually('the watchdog is gone', () => (alive().join().includes('watchdog') ? null : true), 5000);
    expect(alive()).toEqual(['sleep 300']);
    for (const { pid } of marked(place.mark)) process.kill(pid, 'SIGKILL');
  });

  it('by a second SIGINT says which steps of the rollback nobody runs, and what runs them', async () => {
    const rollback = [
      { name: 'back', run: 'touch rolling; while [ ! -e finish ]; do sleep 0.05; done', hold: '0s' },
      { name: 'drain', run: 'true', hold: '0s' },
    ];
    const cli = await startAndReach('switch', { rollback });
    cli.child.kill('SIGINT');
    await eventually('the rollback is under way', () => (there('rolling') ? true : null));
    cli.child.kill('SIGINT');
    const { stderr } = await cli.ended;
    place.touch('finish');
    expect(stderr).toContain('the command of back goes on alone');
    expect(stderr).toMatch(
      /not run of the rollback: drain; to run it: zdd-verify run \S+scenario.yaml --only rollback --resume \S+reports/,
    );
  });

  it('by a second SIGINT in the hold of the rollback promises nothing that goes on', async () => {
    const cli = await startAndReach('switch', { rollback: [{ name: 'back', run: 'touch rolling', hold: '60s' }] });
    cli.child.kill('SIGINT');
    await eventually('the rollback is held', () => (events().includes('hold-started') ? true : null));
    cli.child.kill('SIGINT');
    const { stderr } = await cli.ended;
    expect(stderr).toContain('its rollback was left in the middle (back), with no command under way');
    expect(stderr).not.toContain('goes on alone');
  });

  it('by a second SIGINT once the release is over says that only the report is missing', async () => {
    const on = [{ event: 'finished', run: 'touch hooked; sleep 300' }];
    const steps = [{ name: 'switch', run: 'true', hold: '0s' }];
    const rest = { rollback: [{ name: 'back', run: 'true', hold: '0s' }], rehearsal: 'rollback', on };
    const cli = place.start(['run', place.scenario(smallScenario({ url: server.url, steps, ...rest }))]);
    await eventually('the hook is under way', () => (there('hooked') ? true : null));
    cli.child.kill('SIGINT');
    await eventually('the first is heard', () => (cli.stderrSoFar().includes('the release is over') ? true : null));
    cli.child.kill('SIGINT');
    const { code, stderr } = await cli.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('left at once: small: the release is over; only the report is missing');
    expect(stderr).not.toMatch(/goes on alone|not run of the rollback/);
  });

  it('in a hook begins no further run of several', async () => {
    const on = [{ event: 'finished', run: 'touch hooked; sleep 1' }];
    const steps = [{ name: 'switch', run: 'true', hold: '0s' }];
    const scenario = place.scenario(smallScenario({ url: server.url, steps, on }));
    const cli = place.start(['run', scenario, '--repeat', '2']);
    await eventually('the hook is under way', () => (there('hooked') ? true : null));
    cli.child.kill('SIGTERM');
    const { code } = await cli.ended;
    expect(code).toBe(143);
    expect(place.runDirs().filter((dir) => existsSync(join(dir, 'journal.ndjson')))).toHaveLength(1);
  });

  it('without a rollback says that what the command did stays', async () => {
    const script = 'touch began; sleep 300 & sleep 300; wait';
    const cli = place.start(['run', '--url', server.url, '--rate', '20/s', '--', 'bash', '-c', script]);
    await eventually('the command is under way', () => (there('began') ? true : null), 30_000);
    cli.child.kill('SIGINT');
    const { code, stderr } = await cli.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('no rollback is defined: what bash -c touch began');
    expect(stderr).toContain('undo it by hand');
    expect(stderr).not.toMatch(/rolling back|rolled back if/);
  });

  it('by a stop of its own process proves nothing', async () => {
    const steps = [{ name: 'deploy', run: 'touch began; while [ ! -e go ]; do sleep 0.05; done', hold: '1s' }];
    const cli = place.start(['run', place.scenario(smallScenario({ url: server.url, steps }))]);
    await eventually('the step is under way', () => (there('began') ? true : null));
    cli.child.kill('SIGSTOP');
    await delay(900);
    cli.child.kill('SIGCONT');
    place.touch('go');
    const { code, runJson } = await cli.ended;
    expect(runJson).toMatchObject({ verdict: 'inconclusive', release: 'completed', totals: { failed: 0 } });
    expect(runJson!.generator.healthy).toBe(false);
    expect(code).toBe(98);
  });

  it('during the baseline runs no step', async () => {
    const cli = place.start([
      'run',
      place.scenario(
        smallScenario({ url: server.url, baseline: '60s', steps: [{ name: 'build', run: 'touch began' }] }),
      ),
    ]);
    await eventually('the baseline is under way', async () =>
      (await server.counts()).requests.total > 10 ? true : null,
    );
    cli.child.kill('SIGINT');
    const { code, runJson } = await cli.ended;
    expect(code).toBe(130);
    expect(runJson).toMatchObject({ release: 'not-started', verdict: 'inconclusive' });
    expect(there('began')).toBe(false);
  });
});

describe('a run that is killed in the middle of a step', () => {
  it('leaves a record that a report can be made of, all but the last second', async () => {
    const cli = await startAndReach('switch', { rate: '100/s' });
    const before = (await server.counts()).requests.total;
    await eventually('traffic goes on in the step', async () =>
      (await server.counts()).requests.total > before + 150 ? true : null,
    );
    cli.child.kill('SIGKILL');
    await cli.ended;
    const received = (await server.counts()).requests.total;
    const [dir] = place.runDirs();
    const { code, stderr } = await place.run(['report', dir!]);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([0, 98]).toContain(code);
    const run = readRunJson(dir!)!;
    expect(run.verdict).toBe('inconclusive');
    expect(run.reasons.join(' ')).toMatch(/cut/);
    expect(run.exitCode).not.toBe(0);
    expect(readSamples(dir!).length).toBeGreaterThanOrEqual(received - 100);
    expect(readFileSync(join(dir!, 'report.html'), 'utf8')).toMatch(/cut/);
    const gate = await place.run(['gate', dir!]);
    expect(gate.code).not.toBe(0);
  });

  it('leaves nothing running: the watchdog ends the step and runs the teardown', async () => {
    const steps = [
      { name: 'switch', run: 'touch began; sleep 300 & sleep 300; wait' },
      { name: 'clean', kind: 'teardown', run: 'touch cleaned' },
    ];
    const cli = place.start(['run', place.scenario(smallScenario({ url: server.url, steps }))]);
    await eventually('the step is under way', () => (there('began') ? true : null));
    cli.child.kill('SIGKILL');
    await cli.ended;
    expect(await leftOver(place.mark, 10_000)).toEqual([]);
    expect(there('cleaned')).toBe(true);
  });

  it.each([
    ['a hook', { on: [{ event: 'finished', run: 'touch under-way; sleep 300 & sleep 300; wait', timeout: '10m' }] }],
    ['a required command', { require: { command: 'touch under-way; sleep 300 & sleep 300; wait', timeout: '10m' } }],
  ])('leaves nothing running of %s', async (_, rest) => {
    const steps = [
      { name: 'switch', run: 'true', hold: '0s' },
      { name: 'clean', kind: 'teardown', run: 'echo >>cleaned' },
    ];
    const cli = place.start(['run', place.scenario(smallScenario({ url: server.url, steps, ...rest }))]);
    await eventually('it is under way', () => (there('under-way') ? true : null));
    cli.child.kill('SIGKILL');
    await cli.ended;
    expect(await leftOver(place.mark, 10_000)).toEqual([]);
    // What is before the setup leaves nothing to clean up, and after the report it was done.
    if ('on' in rest) expect(readFileSync(join(place.folder, 'cleaned'), 'utf8')).toBe('\n');
    else expect(there('cleaned')).toBe(false);
  });

  it('is undone only once its own rollback has ended', async () => {
    const run = 'echo b >>log; while [ ! -e finish ]; do sleep 0.05; done; echo e >>log';
    const cli = await startAndReach('switch', { rollback: [{ name: 'rollback', run, hold: '0s' }] });
    cli.child.kill('SIGINT');
    await eventually('the rollback is under way', () => (there('log') ? true : null));
    cli.child.kill('SIGKILL');
    await cli.ended;
    const argv = ['run', join(place.folder, 'scenario.yaml'), '--only', 'rollback', '--resume', place.runDirs()[0]!];
    const resumed = place.start(argv);
    await eventually('it is waited for', () => (/waiting for process \d+/.test(resumed.stderrSoFar()) ? true : null));
    place.touch('finish');
    const { runJson } = await resumed.ended;
    expect(runJson!.release).toBe('rolled-back');
    expect(readFileSync(join(place.folder, 'log'), 'utf8').split('\n')).toEqual(['b', 'e', 'b', 'e', '']);
  });

  it('does not keep the next run from the target', async () => {
    const cli = await startAndReach('build');
    cli.child.kill('SIGKILL');
    await cli.ended;
    const steps = [{ name: 'build', run: 'true', hold: '500ms' }];
    const next = await place.run(['run', place.scenario(smallScenario({ url: server.url, steps }))]);
    expect(endOf(next)).toBe('completed');
  });

  it('has a step on record before its command begins', async () => {
    const steps = [{ name: 'switch', run: 'kill -9 $PPID' }];
    await place.run(['run', place.scenario(smallScenario({ url: server.url, steps }))]);
    const [dir] = place.runDirs();
    const phases = readLines<{ type: string; name: string }>(dir!, 'journal.ndjson').filter(
      ({ type }) => type === 'phase',
    );
    expect(phases.at(-1)?.name).toBe('switch');
  });

  it('keeps the journal whole to its last full line', async () => {
    const cli = await startAndReach('build');
    cli.child.kill('SIGKILL');
    await cli.ended;
    const [dir] = place.runDirs();
    const events = readLines<{ type: string }>(dir!, 'journal.ndjson').map(({ type }) => type);
    expect(events[0]).toBe('header');
    expect(events).toContain('traffic-started');
    expect(events).not.toContain('end');
  });
});
