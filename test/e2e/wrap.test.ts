import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../free-port.ts';
import { marked } from './processes.ts';
import { APPS, CLI, readSamples, type Workplace, workplace } from './run-cli.ts';

let place: Workplace;
let port: number;
let environment: Record<string, string>;
beforeEach(async () => {
  place = workplace();
  port = await freePort();
  environment = {
    [place.mark.name]: place.mark.value,
    PORT: String(port),
    PIDFILE: join(place.folder, 'app.pid'),
    BOOT_MS: '300',
    ZDD_CLI: CLI,
  };
  const { status } = spawnSync(join(APPS, 'start-app.sh'), {
    env: { ...process.env, ...environment, VERSION: 'v1' },
    stdio: 'ignore',
  });
  expect(status).toBe(0);
});
afterEach(async () => {
  // The app lives on by design; whatever else is left is a fault.
  for (const { pid, command } of marked(place.mark))
    if (command.includes('plain-app.mjs')) process.kill(pid, 'SIGKILL');
  expect(await place.leave()).toEqual([]);
});

describe('a deploy script under traffic', () => {
  it('that restarts the server is downtime: the gap is measured, the exit code is 99', async () => {
    const {
      code,
      runJson: run,
      dir,
    } = await place.run(['run', '--url', `http://127.0.0.1:${port}`, '--', join(APPS, 'deploy.sh')], environment);
    expect(code).toBe(99);
    expect(run).toMatchObject({ verdict: 'downtime', release: 'completed', gate: 'fail' });
    expect(run!.phases.map(({ name }) => name)).toEqual(['baseline', 'deploy']);
    expect(run!.phases[1]!.exitCode).toBe(0);
    const [outage] = run!.outages;
    expect(outage).toMatchObject({ kind: 'hard', phase: 'deploy' });
    // The old process is gone for longer than the new one boots, and for less than the whole script takes.
    expect(outage!.durationMs).toBeGreaterThan(Number(environment.BOOT_MS));
    expect(outage!.durationMs).toBeLessThan(run!.phases[1]!.commandMs! + 40);
    const refused = readSamples(dir!).filter(({ cause }) => cause === 'refused').length;
    expect(run!.totals.byError.refused).toBe(refused);
    expect(refused).toBeGreaterThan(20);
  });

  it('that marks its phases has them in the report, and the failures in the right one', async () => {
    const { code, runJson: run } = await place.run(
      ['run', '--url', `http://127.0.0.1:${port}`, '--rate', '50/s', '--', join(APPS, 'deploy-marked.sh')],
      environment,
    );
    expect(code).toBe(99);
    const phases = run!.phases.map(({ name, kind }) => [name, kind]);
    expect(phases).toEqual([
      ['baseline', 'baseline'],
      ['deploy', 'custom'],
      ['migrate', 'migrate'],
      ['switch', 'switch'],
    ]);
    const failed = Object.fromEntries(run!.phases.map((phase) => [phase.name, phase.failed]));
    expect(failed).toMatchObject({ baseline: 0, deploy: 0, migrate: 0 });
    expect(failed.switch).toBe(run!.totals.failed);
    expect(failed.switch).toBeGreaterThan(5);
  });

  it('that fails is undone by the rollback that was given', async () => {
    const { code, runJson: run } = await place.run(
      [
        'run',
        '--url',
        `http://127.0.0.1:${port}`,
        '--rollback',
        'touch undone',
        '--',
        'bash',
        '-c',
        'echo broken >&2; exit 7',
      ],
      environment,
    );
    expect(code).toBe(97);
    expect(run!.release).toBe('rolled-back');
  });

  it('cannot be marked from outside of a run', async () => {
    const { code, stderr } = await place.run(['mark', 'switch']);
    expect(code).toBe(2);
    expect(stderr).toContain('ZDD_RUN');
  });
});
