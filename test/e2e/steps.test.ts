import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { eventually, isAlive, marked } from './processes.ts';
import { APPS, type CliResult, readLines, type Workplace, workplace } from './run-cli.ts';
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

const script = (name: string): string[] => ['bash', join(APPS, 'steps', name)];

function runSteps(steps: object[], rest: object = {}, env: Record<string, string> = {}): Promise<CliResult> {
  return place.run(['run', place.scenario(smallScenario({ url: server.url, steps, ...rest }))], env);
}

describe('a step', () => {
  it.each([
    ['as a shell script', 'no-such-command --now'],
    ['as a program', ['no-such-command', '--now']],
  ])('whose command does not exist ends the run with 97, %s', async (_, run) => {
    const { code, runJson, stderr } = await runSteps([{ name: 'build', run }]);
    expect(code).toBe(97);
    expect(runJson).toMatchObject({ release: 'aborted', exitCode: 97, verdict: 'inconclusive' });
    expect(stderr).toMatch(/not found/);
    expect(stderr).not.toContain('zdd-verify itself:');
  });

  it('whose folder does not exist ends the run with 97', async () => {
    const { code, stderr } = await runSteps([{ name: 'build', run: 'true', cwd: 'no/such/folder' }]);
    expect(code).toBe(97);
    expect(stderr).toContain('no/such/folder');
  });

  it('that hangs is ended at its timeout with all its children', async () => {
    const { code, runJson } = await runSteps([{ name: 'switch', run: script('fork.sh'), timeout: '1s' }]);
    expect(code).toBe(97);
    expect(runJson!.reasons.join(' ')).toMatch(/switch was not done after 1 s/);
    expect(marked(place.mark)).toEqual([]);
  });

  it('that ignores every polite signal is killed', async () => {
    const { code, runJson } = await runSteps([{ name: 'switch', run: script('ignore-term.sh'), timeout: '1s' }]);
    expect(code).toBe(97);
    expect(runJson!.release).toBe('aborted');
    expect(marked(place.mark)).toEqual([]);
  });

  it('that fails after the switch has begun is rolled back; before, it is aborted', async () => {
    const rollback = [{ name: 'rollback', run: 'touch rolled-back', hold: '0s' }];
    const before = await runSteps([{ name: 'build', run: 'exit 3' }], { rollback });
    expect(before.code).toBe(97);
    expect(before.runJson!.release).toBe('aborted');
    expect(existsSync(join(place.folder, 'rolled-back'))).toBe(false);
    const after = await runSteps([{ name: 'switch', run: 'exit 3' }], { rollback });
    expect(after.code).toBe(97);
    expect(after.runJson!.release).toBe('rolled-back');
    expect(existsSync(join(place.folder, 'rolled-back'))).toBe(true);
  });

  it('whose rollback may fail in a step goes on with the next ones', async () => {
    const { code, runJson, dir } = await runSteps([{ name: 'switch', run: 'exit 3', hold: '0s' }], {
      rollback: [
        { name: 'drain', run: 'exit 1', onFail: 'continue', hold: '0s' },
        { name: 'back', run: 'touch back', hold: '0s' },
      ],
    });
    expect({ code, release: runJson!.release }).toEqual({ code: 97, release: 'rolled-back' });
    expect(existsSync(join(place.folder, 'back'))).toBe(true);
    const decisions = readLines<{ type: string; action: string }>(dir!, 'journal.ndjson').filter(
      ({ type }) => type === 'decision',
    );
    expect(decisions.map(({ action }) => action)).toEqual(['rollback', 'continue']);
  });

  it('whose rollback fails in every step was not undone, whatever may fail', async () => {
    const { code, runJson } = await runSteps([{ name: 'switch', run: 'exit 3', hold: '0s' }], {
      rollback: [{ name: 'back', run: 'exit 1', onFail: 'continue', hold: '0s' }],
    });
    expect({ code, release: runJson!.release }).toEqual({ code: 95, release: 'rollback-failed' });
  });

  it('whose rollback fails ends with 95 and the runbook', async () => {
    const { code, runJson, stderr } = await runSteps([{ name: 'switch', run: 'exit 3' }], {
      rollback: [{ name: 'rollback', run: 'exit 4', hold: '0s' }],
      runbook: 'https://wiki.example/by-hand',
    });
    expect(code).toBe(95);
    expect(runJson!.release).toBe('rollback-failed');
    expect(stderr).toContain('https://wiki.example/by-hand');
  });

  it('that is not ready in time is rolled back with 96', async () => {
    const ready = { get: '/healthz', expect: { header: { 'x-release': 'v2' } }, consecutive: 3, within: '1s' };
    const { code, runJson } = await runSteps([{ name: 'switch', run: 'true', ready }], {
      rollback: [{ name: 'rollback', run: 'true', hold: '0s' }],
    });
    expect(code).toBe(96);
    expect(runJson!.release).toBe('rolled-back');
  });

  it('that floods its output neither blocks nor fills the disk', async () => {
    const result = await runSteps([{ name: 'build', run: script('flood.sh'), timeout: '20s', hold: '200ms' }]);
    expect(endOf(result)).toBe('completed');
    const { dir } = result;
    expect(sizeOf(join(dir!, 'steps'))).toBeLessThan(20e6);
    expect(sizeOf(dir!)).toBeLessThan(60e6);
    // What is dropped of a flood is said.
    const notes = readLines<{ type: string; text?: string }>(dir!, 'journal.ndjson').filter(
      ({ type }) => type === 'note',
    );
    expect(notes.map(({ text }) => text).join(' ')).toMatch(/build wrote/);
  });

  it('that writes one endless line is recorded in pieces', async () => {
    const result = await runSteps([{ name: 'build', run: script('long-line.sh'), timeout: '20s', hold: '200ms' }]);
    expect(endOf(result)).toBe('completed');
  });

  it('that leaves a daemon behind ends when it exits, and the daemon lives on', async () => {
    const pidfile = join(place.folder, 'daemon.pid');
    const result = await runSteps([
      { name: 'switch', run: script('daemon.sh'), env: { PIDFILE: pidfile }, hold: '200ms' },
    ]);
    expect(endOf(result)).toBe('completed');
    const { runJson } = result;
    const phase = runJson!.phases.find(({ name }) => name === 'switch')!;
    expect(phase.endMs - phase.startMs).toBeLessThan(8000);
    const pid = Number(readFileSync(pidfile, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('may write to its streams by name', async () => {
    // Opening them anew empties what was not read yet: the pauses are longer than the time between two reads.
    const run = `echo one; sleep 0.3; ${script('dev-stderr.sh').join(' ')}; sleep 0.3; echo three; echo four >>/dev/stderr`;
    const result = await runSteps([{ name: 'build', run, hold: '200ms' }]);
    expect(endOf(result)).toBe('completed');
    const { dir } = result;
    const lines = logOf(dir!, 'build').match(/\S.*/g) ?? [];
    expect(lines.map((line) => line.replace(/^[\d.]+ +/, ''))).toEqual(['one', 'by name', 'three', 'four']);
  });

  it('has no terminal and no input to wait for', async () => {
    const result = await runSteps([
      { name: 'build', run: 'read line || echo "no input"; test ! -t 1 && echo "no terminal"', hold: '200ms' },
    ]);
    expect(endOf(result)).toBe('completed');
    const { dir } = result;
    expect(logOf(dir!, 'build')).toContain('no input');
    expect(logOf(dir!, 'build')).toContain('no terminal');
  });

  it('that prints a secret is recorded without it, in every file', async () => {
    const token = 's3cr3t/va+lue "quoted" & more';
    const vars = { TOKEN: '${secret:MY_TOKEN}' };
    const target = { url: server.url, timeout: '2s', headers: { authorization: 'Bearer ${secret:MY_TOKEN}' } };
    const result = await runSteps(
      [{ name: 'build', run: script('secret.sh'), hold: '200ms' }],
      { vars, target },
      { MY_TOKEN: token },
    );
    expect(endOf(result)).toBe('completed');
    const { dir, stderr, stdout } = result;
    const forms = [
      token,
      Buffer.from(token).toString('base64'),
      encodeURIComponent(token),
      JSON.stringify(token).slice(1, -1),
    ];
    const texts: [string, string][] = [['stderr', stderr], ['stdout', stdout], ...filesIn(dir!)];
    for (const [name, text] of texts) {
      for (const form of forms) expect([name, text.includes(form)]).toEqual([name, false]);
    }
    expect(logOf(dir!, 'build')).toContain('token=');
  });

  it('finds its variables, the run and the version of the baseline in its environment', async () => {
    const target = { url: server.url, timeout: '2s', version: { header: 'x-release', changes: false } };
    const steps = [
      {
        name: 'build',
        run: 'echo "[$RELEASE] [$ZDD_BASELINE_VERSION] [$OWN]"; test -d "$ZDD_RUN"',
        env: { OWN: 'o' },
        hold: '200ms',
      },
    ];
    const result = await runSteps(steps, { target, vars: { RELEASE: 'v2; echo injected' } });
    expect(endOf(result)).toBe('completed');
    const { dir } = result;
    expect(logOf(dir!, 'build')).toContain('[v2; echo injected] [v1] [o]');
  });

  it('is not begun where a step or the way back needs the version of a baseline that told none', async () => {
    const target = { url: server.url, timeout: '2s', version: { header: 'x-introduced-by-v2' } };
    const steps = [{ name: 'switch', run: 'touch switched' }];
    const rollback = { run: 'touch back', ready: { get: '/', version: '${baseline.version}' } };
    const { code, runJson, stderr } = await runSteps(steps, { target, rollback, rehearsal: 'rollback' });
    expect(code).toBe(94);
    expect(runJson).toMatchObject({ release: 'not-started', verdict: 'inconclusive' });
    expect(runJson!.reasons[0]).toMatch(/^baseline: no answer told its version, and rollback cannot do without it: /);
    expect(stderr).toContain('let the release that is live tell it first');
    expect(['switched', 'back'].filter((name) => existsSync(join(place.folder, name)))).toEqual([]);
  });

  it('of a rollback that needs a version which the run it undoes never knew is not run with an empty one', async () => {
    const target = { url: server.url, timeout: '2s', version: { header: 'x-release' } };
    const rollback = { run: ['touch', 'back-${baseline.version}'] };
    const steps = [{ name: 'switch', run: 'true' }];
    const scenario = place.scenario(smallScenario({ url: server.url, steps, target, rollback, warmup: '1m' }));
    const cli = place.start(['run', scenario]);
    const dir = await eventually('the warm-up', () => {
      const begun = place.runDirs().find((each) => existsSync(join(each, 'journal.ndjson')));
      const events = begun === undefined ? [] : readLines<{ type: string }>(begun, 'journal.ndjson');
      return events.some(({ type }) => type === 'traffic-started') ? (begun as string) : null;
    });
    cli.child.kill('SIGKILL');
    await cli.ended;
    const { code, runJson } = await place.run(['run', scenario, '--only', 'rollback', '--resume', dir]);
    expect(code).toBe(95);
    expect(runJson!.reasons.join(' ')).toContain('rollback needs the version of the baseline, and none is on record');
    expect(readdirSync(place.folder).filter((name) => name.startsWith('back'))).toEqual([]);
  });

  it('of setup and teardown runs around it all, the teardown also when the release failed', async () => {
    const steps = [
      { name: 'db', kind: 'setup', run: 'echo setup >> order' },
      { name: 'build', run: 'echo build >> order; exit 1' },
      { name: 'clean', kind: 'teardown', run: 'echo teardown >> order' },
    ];
    const { code } = await runSteps(steps);
    expect(code).toBe(97);
    expect(readFileSync(join(place.folder, 'order'), 'utf8')).toBe('setup\nbuild\nteardown\n');
  });
});

function logOf(dir: string, step: string): string {
  return readFileSync(join(dir, 'steps', `${step}.log`), 'utf8');
}

function sizeOf(path: string): number {
  const { size } = statSync(path);
  return statSync(path).isDirectory()
    ? readdirSync(path).reduce((total, name) => total + sizeOf(join(path, name)), 0)
    : size;
}

function filesIn(folder: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [[entry.name, readFileSync(path, 'utf8')]];
  });
}
