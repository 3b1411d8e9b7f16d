import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { freePort } from '../free-port.ts';
import { eventually } from './processes.ts';
import { type CliResult, type Workplace, workplace } from './run-cli.ts';
import { endOf, occurred } from './run-json.ts';
import { smallScenario, TRAFFIC, tell } from './scenarios.ts';

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

const STEPS = [{ name: 'deploy', run: 'true', hold: '0s' }];

describe('a scenario that is wrong', () => {
  it('names an unknown key with its place and what was meant', async () => {
    const text = `version: 1\nname: typo\ntarget: { url: "${server.url}" }\ntraffic:\n  rate: 50/s\n  mix: [{ name: home, gett: / }]\nsteps: [{ name: deploy, run: "true" }]\n`;
    const result = await place.run(['run', place.scenario(text)]);
    await expectNothingRun(result);
    expect(result.stderr).toMatch(/scenario\.yaml:6:\d+/);
    expect(result.stderr).toContain('gett');
    expect(result.stderr).toMatch(/did you mean.*get/i);
  });

  it('names a variable that has no value, and says what it is for', async () => {
    const scenario = smallScenario({ url: server.url, steps: STEPS, vars: { RELEASE: '${RELEASE:?git sha to ship}' } });
    const result = await place.run(['run', place.scenario(scenario)]);
    await expectNothingRun(result);
    expect(result.stderr).toContain('RELEASE');
    expect(result.stderr).toContain('git sha to ship');
  });

  it('names a secret that is neither in the environment nor in a file', async () => {
    const target = { url: server.url, headers: { Authorization: 'Bearer ${secret:STAGING_TOKEN}' } };
    const result = await place.run(['run', place.scenario(smallScenario({ url: server.url, steps: STEPS, target }))]);
    await expectNothingRun(result);
    expect(result.stderr).toContain('STAGING_TOKEN');
  });

  it('refuses what a later version brings, in words', async () => {
    const result = await place.run([
      'run',
      place.scenario(smallScenario({ url: server.url, steps: STEPS, outputs: { html: 'report' } })),
    ]);
    await expectNothingRun(result);
    expect(result.stderr).toMatch(/outputs\.html.*not yet supported/);
  });

  it.each([
    ['is not there', (folder: string) => join(folder, 'missing.yaml')],
    [
      'is a folder',
      (folder: string) => {
        mkdirSync(join(folder, 'folder.yaml'));
        return join(folder, 'folder.yaml');
      },
    ],
    [
      'is not YAML',
      (folder: string) => {
        writeFileSync(join(folder, 'broken.yaml'), 'name: "unclosed\nsteps: [\n');
        return join(folder, 'broken.yaml');
      },
    ],
    [
      'is empty',
      (folder: string) => {
        writeFileSync(join(folder, 'empty.yaml'), '');
        return join(folder, 'empty.yaml');
      },
    ],
    [
      'is binary',
      (folder: string) => {
        writeFileSync(join(folder, 'binary.yaml'), Buffer.from([0, 255, 254, 1, 2, 3, 0, 0]));
        return join(folder, 'binary.yaml');
      },
    ],
  ])('is refused where the file %s', async (_, make) => {
    const path = make(place.folder);
    const result = await place.run(['run', path]);
    await expectNothingRun(result);
    expect(result.stderr).toContain(path.slice(place.folder.length + 1));
  });

  it('is refused where the file may not be read', async ({ skip }) => {
    if (process.getuid?.() === 0) skip('root may read everything');
    const path = place.scenario(smallScenario({ url: server.url, steps: STEPS }));
    chmodSync(path, 0);
    await expectNothingRun(await place.run(['run', path]));
  });

  it('is refused on the command line too', async () => {
    for (const args of [
      ['run'],
      ['run', '--url', server.url],
      ['run', '--no-such-option', 'x.yaml'],
      ['run', '--url', 'nonsense', '--', 'true'],
      ['run', '--url', server.url, '--rate', 'fast', '--', 'true'],
      ['no-such-command'],
    ]) {
      const result = await place.run(args);
      expect([args, result.code]).toEqual([args, 2]);
      expect(result.stderr).not.toMatch(/\n\s+at /);
    }
  });
});

describe('a target that is not fit', () => {
  it('is unhealthy where nothing listens: no step is run', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, runJson, dir } = await place.run([
      'run',
      place.scenario(smallScenario({ url, steps: [{ name: 'deploy', run: 'touch was-run' }] })),
    ]);
    expect(code).toBe(94);
    expect(runJson).toMatchObject({ verdict: 'inconclusive', release: 'not-started', exitCode: 94 });
    expect(runJson!.reasons.join(' ')).toMatch(/ECONNREFUSED|refused/);
    expect(dir).not.toBeNull();
    expectNotRun();
  });

  it('is unhealthy where its name is unknown', async () => {
    const steps = [{ name: 'deploy', run: 'touch was-run' }];
    const { code, runJson } = await place.run([
      'run',
      place.scenario(smallScenario({ url: 'http://no-such-host.invalid', steps })),
    ]);
    expect(code).toBe(94);
    expect(runJson).toMatchObject({ verdict: 'inconclusive', release: 'not-started' });
    expectNotRun();
  });

  it.each([
    ['status', 'unexpected-status'],
    ['garbage-bytes', 'protocol'],
    ['endless-headers', 'protocol'],
    ['endless-body', 'protocol'],
    ['endless-interim', 'protocol'],
    ['hang', 'timeout'],
    ['rst', 'reset'],
  ])('is unhealthy where it answers with "%s"', async (fault, cause) => {
    await server.fault({ fault });
    const steps = [{ name: 'deploy', run: 'touch was-run' }];
    const { code, runJson, stderr } = await place.run([
      'run',
      place.scenario(smallScenario({ url: server.url, steps, timeout: '1s' })),
    ]);
    expect(code).toBe(94);
    expect(runJson!.reasons.join(' ')).toContain(cause);
    expect(stderr).not.toContain('zdd-verify itself:');
    expectNotRun();
  });

  it('fails the baseline where it was failing before the release', async () => {
    await server.fault({ fault: 'status', every: 5 });
    const steps = [{ name: 'deploy', run: 'touch was-run' }];
    const { code, runJson } = await place.run(['run', place.scenario(smallScenario({ url: server.url, steps }))]);
    expect(code).toBe(94);
    expect(runJson).toMatchObject({ verdict: 'inconclusive', release: 'not-started' });
    expectNotRun();
  });
});

describe('a server that goes bad in the middle of a release', () => {
  it.each([
    ['garbage-bytes', 'protocol'],
    ['endless-headers', 'protocol'],
    ['endless-body', 'protocol'],
    ['endless-interim', 'protocol'],
    ['hang', 'timeout'],
  ])('with "%s" on every request ends in a verdict, and never hangs or fills the harness', async (fault, cause) => {
    const steps = [
      {
        name: 'switch',
        run: tell(server, { do: 'fault', fault, path: TRAFFIC, forMs: 1000 }, { do: 'until', fault, total: 5 }),
        hold: '2s',
      },
    ];
    const { code, runJson, stderr } = await place.run([
      'run',
      place.scenario(smallScenario({ url: server.url, steps, timeout: '1s' })),
    ]);
    expect(stderr).not.toContain('zdd-verify itself:');
    expect(runJson).toMatchObject({ verdict: 'downtime', release: 'completed' });
    // An endless body may also take until the time is out.
    const { [cause]: named = 0, timeout = 0, ...others } = occurred(runJson!.totals.byError);
    expect(others).toEqual({});
    expect(named).toBeGreaterThan(0);
    expect(runJson!.totals.failed).toBe(cause === 'timeout' ? named : named + timeout);
    expect(runJson!.totals.failed).toBeGreaterThanOrEqual(5);
    expect(code).toBe(99);
  });
});

describe('a machine that is not fit', () => {
  it('is told where the record cannot be written', async () => {
    writeFileSync(join(place.folder, 'file'), '');
    const result = await place.run([
      'run',
      place.scenario(smallScenario({ url: server.url, steps: STEPS })),
      '--out',
      join(place.folder, 'file/inside'),
    ]);
    expect([1, 2]).toContain(result.code);
    expect(result.stderr).toContain('file/inside');
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect((await server.counts()).requests.total).toBe(0);
  });

  it('undoes the release and proves nothing once the disk is full', async () => {
    const steps = [{ name: 'switch', run: 'sleep 60', hold: '0s' }];
    const rollback = [{ name: 'rollback', run: 'touch undone', hold: '0s' }];
    const scenario = smallScenario({ url: server.url, steps, rollback, rate: '200/s' });
    // A limit on the size of files fails a write as a full disk does.
    const { code, runJson, stderr } = await place.run(['run', place.scenario(scenario)], {}, '-f 64');
    expect(code).toBe(1);
    expect(runJson).toMatchObject({ verdict: 'inconclusive', release: 'rolled-back' });
    expect(stderr).toContain('the record cannot be written');
    expect(existsSync(join(place.folder, 'undone'))).toBe(true);
  });

  it('calls what the harness could not send unsent, never a failure', async () => {
    const fault = { fault: 'delay', afterMs: 800, path: TRAFFIC, forMs: 1000 };
    const steps = [{ name: 'deploy', run: tell(server, { do: 'fault', ...fault }), hold: '3s' }];
    // That the answers were slow is the target's own doing, and not what this is about.
    const thresholds = { latency: 'p(99)<5000' };
    const scenario = { ...smallScenario({ url: server.url, steps, rate: '200/s', timeout: '5s' }), thresholds };
    const { code, runJson } = await place.run(['run', place.scenario(scenario)], {}, '-n 150');
    const { cap = 0, descriptors = 0 } = runJson!.totals.unsentBy;
    expect(cap + descriptors).toBeGreaterThan(0);
    expect(runJson).toMatchObject({ verdict: 'inconclusive', totals: { failed: 0 } });
    expect(code).toBe(98);
  });

  it('tells of a port that the release finds in use, as the release says it', async () => {
    const steps = [
      {
        name: 'switch',
        run: `node -e 'require("node:http").createServer().listen(${server.port}, "127.0.0.1")'`,
        hold: '0s',
      },
    ];
    const { code, runJson, stderr } = await place.run([
      'run',
      place.scenario(smallScenario({ url: server.url, steps })),
    ]);
    expect(code).toBe(97);
    expect(runJson!.release).toBe('aborted');
    expect(stderr).toContain('EADDRINUSE');
  });

  it('refuses a second run on the same target, and leaves the first alone', async () => {
    const path = place.scenario(
      smallScenario({
        url: server.url,
        steps: [{ name: 'deploy', run: 'touch began; while [ ! -e go ]; do sleep 0.05; done', hold: '0s' }],
      }),
    );
    const first = place.start(['run', path]);
    await eventually('the first run is in its step', () => (existsSync(join(place.folder, 'began')) ? true : null));
    const second = await place.run(['run', path]);
    place.touch('go');
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(String(first.child.pid));
    expect(endOf(await first.ended)).toBe('completed');
  });
});

async function expectNothingRun(result: CliResult): Promise<void> {
  expect(result.code).toBe(2);
  expect(result.stdout).toBe('');
  expect(result.stderr).not.toMatch(/\n\s+at /);
  expect(place.runDirs()).toEqual([]);
  expect((await server.counts()).requests.total).toBe(0);
}

function expectNotRun(): void {
  expect(existsSync(join(place.folder, 'was-run'))).toBe(false);
}
