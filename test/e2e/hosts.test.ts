import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { groupAlive } from '../../src/platform/process-group.js';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { type Sshd, startSshd, whyNoSshd } from '../setup/sshd.ts';
import { eventually } from './processes.ts';
import { type Cli, type CliResult, type Workplace, workplace } from './run-cli.ts';
import { endOf } from './run-json.ts';
import { smallScenario } from './scenarios.ts';

const missing = whyNoSshd();
let sshd: Sshd;
let server: FaultServer;
let place: Workplace;
beforeAll(async () => {
  if (missing === null) sshd = await startSshd();
});
afterAll(() => sshd?.stop());
beforeEach(async () => {
  server = await startFaultServer({ version: 'v1' });
  place = workplace();
});
afterEach(async () => {
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

const there = (name: string): boolean => existsSync(join(place.folder, name));
const read = (name: string): string => readFileSync(join(place.folder, name), 'utf8');

/** A step that runs in the test's folder, over ssh. */
function onHost(step: object): object {
  return { on: 'web1', cwd: place.folder, hold: '200ms', ...step };
}

function scenarioOf(steps: object[], rest: object = {}): string {
  const hosts = { web1: sshd.asWritten };
  return place.scenario(smallScenario({ url: server.url, hosts, steps, ...rest }));
}

function runSteps(steps: object[], rest: object = {}, env: Record<string, string> = {}): Promise<CliResult> {
  return place.run(['run', scenarioOf(steps, rest)], env);
}

/** The number of the group that the command on the host wrote to `pid`. */
function groupThere(name = 'pid'): Promise<number> {
  return eventually(`the command on the host writes ${name}`, () =>
    there(name) && read(name).endsWith('\n') ? Number(read(name)) : null,
  );
}

const HANGS = 'echo $$ >pid; sleep 300 & sleep 300; wait';

describe.skipIf(missing !== null)(`a step on a host${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it('runs there with its variables, and its output and the clock of the host are on record', async () => {
    const token = 'not-for-any-eye';
    const run = 'echo "[$RELEASE] [$ZDD_BASELINE_VERSION] [$OWN] [${PWD##*/}] $TOKEN"; test -n "$SSH_CONNECTION"';
    const result = await runSteps(
      [onHost({ name: 'switch', run, env: { OWN: "it's" } })],
      {
        target: { url: server.url, timeout: '2s', version: { header: 'x-release', changes: false } },
        vars: { RELEASE: 'v2; echo injected', TOKEN: '${secret:MY_TOKEN}' },
      },
      { MY_TOKEN: token },
    );
    expect(endOf(result)).toBe('completed');
    const log = readFileSync(join(result.dir!, 'steps/switch.log'), 'utf8');
    const folder = place.folder.split('/').at(-1);
    expect(log).toContain(`[v2; echo injected] [v1] [it's] [${folder}] [redacted]`);
    for (const file of readdirSync(result.dir!)) {
      if (!existsSync(join(result.dir!, file, '.'))) {
        expect([file, readFileSync(join(result.dir!, file), 'utf8').includes(token)]).toEqual([file, false]);
      }
    }
    const { hosts } = result.runJson as unknown as { hosts: { clockOffsetMs: number; clockUncertaintyMs: number }[] };
    expect(hosts).toMatchObject([{ name: 'web1', destination: sshd.destination.destination }]);
    expect(Math.abs(hosts[0]!.clockOffsetMs)).toBeLessThanOrEqual(hosts[0]!.clockUncertaintyMs + 1);
  });

  it('that hangs is ended there at its timeout, with all its children', async () => {
    const { code, runJson } = await runSteps([onHost({ name: 'switch', run: HANGS, timeout: '2s' })]);
    expect(code).toBe(97);
    expect(runJson!.reasons.join(' ')).toContain('switch was not done after 2 s; its process group on web1 was ended');
    expect(groupAlive(await groupThere())).toBe(false);
  });

  it('that hangs, on a host that nobody reaches any more, is not said to have ended at its timeout', async () => {
    const frozen = await startSshd();
    const steps = [onHost({ name: 'switch', run: HANGS, timeout: '2s' })];
    const hosts = { web1: frozen.asWritten };
    const cli = place.start(['run', place.scenario(smallScenario({ url: server.url, hosts, steps }))]);
    const group = await groupThere();
    frozen.freeze();
    const { code, runJson } = await cli.ended;
    const goesOn = groupAlive(group);
    frozen.stop();
    if (goesOn) process.kill(-group, 'SIGKILL');
    expect([code, goesOn]).toEqual([97, true]);
    const reasons = runJson!.reasons.join(' ');
    expect(reasons).toMatch(
      /switch was not done after 2 s; the connection to web1 was lost: .*; its command may still run there/,
    );
    expect(reasons).not.toContain('was ended');
  });

  it('whose connection is lost has failed, says so, and is rolled back', async () => {
    const cli = place.start([
      'run',
      scenarioOf([onHost({ name: 'switch', run: HANGS })], {
        rollback: [onHost({ name: 'rollback', run: 'touch rolled-back' })],
      }),
    ]);
    const group = await groupThere();
    for (const connection of sshd.connections()) process.kill(connection, 'SIGKILL');
    const { code, runJson } = await cli.ended;
    expect(code).toBe(97);
    expect(runJson).toMatchObject({ release: 'rolled-back' });
    expect(runJson!.reasons.join(' ')).toMatch(
      /switch: the connection to web1 was lost: .*its command was ended there/,
    );
    expect(there('rolled-back')).toBe(true);
    expect(groupAlive(group)).toBe(false);
  });

  it('that exits with 255 has failed by itself', async () => {
    const { code, runJson } = await runSteps([onHost({ name: 'build', run: 'exit 255' })]);
    expect(code).toBe(97);
    expect(runJson!.reasons.join(' ')).toContain('build on web1 exited with 255');
  });

  it('is stopped there by SIGINT', async () => {
    const cli = place.start([
      'run',
      scenarioOf([onHost({ name: 'switch', run: HANGS })], {
        rollback: [onHost({ name: 'rollback', run: 'touch rolled-back' })],
      }),
    ]);
    const group = await groupThere();
    cli.child.kill('SIGINT');
    const { code, runJson } = await cli.ended;
    expect(code).toBe(130);
    expect(runJson!.release).toBe('rolled-back');
    expect(groupAlive(group)).toBe(false);
  });

  it('is ended there where the run is killed, and the teardown there is run', async () => {
    const cli = await killed([
      onHost({ name: 'switch', run: HANGS }),
      { name: 'clean', kind: 'teardown', on: 'web1', cwd: place.folder, run: 'echo "$WHO" >cleaned' },
    ]);
    expect(groupAlive(await groupThere())).toBe(true);
    cli.child.kill('SIGKILL');
    await cli.ended;
    await eventually('the teardown on the host', () => (there('cleaned') && read('cleaned') !== '' ? true : null));
    expect(read('cleaned')).toBe('us\n');
    expect(groupAlive(await groupThere())).toBe(false);
  });

  it('goes on there as a rollback, where the run is killed', async () => {
    const cli = await killed([{ name: 'switch', run: 'exit 3' }], {
      rollback: [
        onHost({
          name: 'rollback',
          run: 'echo $$ >pid; until [ -e go ]; do echo tick; sleep 0.05; done; touch rolled-back',
        }),
      ],
    });
    cli.child.kill('SIGKILL');
    await cli.ended;
    expect(groupAlive(await groupThere())).toBe(true);
    place.touch('go');
    await eventually('the rollback on the host', () => (there('rolled-back') ? true : null));
  });
});

describe.skipIf(missing !== null)('a host that cannot be reached', () => {
  it('ends the run with 94 before anything is run', async () => {
    const hosts = { web1: sshd.asWritten, web2: { ssh: { ...sshd.destination, port: 1 } } };
    const steps = [
      { name: 'db', kind: 'setup', run: 'touch set-up' },
      { name: 'switch', run: 'touch switched', on: 'web2' },
      { name: 'clean', kind: 'teardown', run: 'touch torn-down' },
    ];
    const { code, runJson, stderr } = await place.run([
      'run',
      place.scenario(smallScenario({ url: server.url, hosts, steps })),
    ]);
    expect(code).toBe(94);
    expect(runJson).toMatchObject({ exitCode: 94, release: 'not-started', verdict: 'inconclusive' });
    expect(runJson!.reasons.join(' ')).toMatch(/preflight: the host web2 .*Connection refused/);
    expect(stderr).toContain('web2');
    expect(['set-up', 'switched', 'torn-down'].filter(there)).toEqual([]);
  });
});

/** A run that has come to the command on the host. */
async function killed(steps: object[], rest: object = {}): Promise<Cli> {
  const cli = place.start(['run', scenarioOf(steps, { vars: { WHO: 'us' }, ...rest })]);
  await groupThere();
  return cli;
}
