import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, leftOver } from './processes.ts';
import { type CliResult, type Workplace, workplace } from './run-cli.ts';
import { endOf, type RunJson } from './run-json.ts';
import { smallScenario, TRAFFIC } from './scenarios.ts';

/** What these tests look at beside the parts that all look at. */
interface Full extends RunJson {
  blastRadius: Record<string, number | string> | null;
  require: { what: string; ok: boolean; detail: string }[];
  hooks: { event: string; exitCode: number | null; problem: string | null }[];
  environment: { release: Record<string, string | number | null> };
  phases: (RunJson['phases'][number] & { outcome: string; window: { requests: number; reached: boolean } | null })[];
}

let app: Server;
let url: string;
let place: Workplace;
beforeEach(async () => {
  place = workplace();
  app = createServer((request, response) => {
    const version = nextVersion();
    response.setHeader('x-release', version);
    response.statusCode = version === 'v2' && there('broken') && nextOfThree() ? 500 : 200;
    response.end(request.url);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
});
afterEach(async () => {
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
  expect(await place.leave()).toEqual([]);
});

const there = (name: string): boolean => existsSync(join(place.folder, name));
const read = (name: string): string => readFileSync(join(place.folder, name), 'utf8');

let requests = 0;
/** v2 gets the share of the requests that the file `weight` says, in percent. */
function nextVersion(): string {
  const weight = there('weight') ? Number(read('weight')) : 0;
  requests += 1;
  return Math.floor((requests * weight) / 100) > Math.floor(((requests - 1) * weight) / 100) ? 'v2' : 'v1';
}

let answered = 0;
/** Three in ten: a broken v2 fails these. */
function nextOfThree(): boolean {
  answered += 1;
  return answered % 10 < 3;
}

const weight = (percent: number) => `echo ${percent} >weight.new && mv weight.new weight`;
const ROLLBACK = [{ name: 'rollback', run: weight(0), hold: '300ms' }];

function scenarioOf(steps: object[], rest: object = {}): string {
  const target = { url, timeout: '2s', version: { header: 'x-release' } };
  return place.scenario(smallScenario({ url, target, rate: '100/s', steps, ...rest }));
}

async function runSteps(steps: object[], rest: object = {}, env: Record<string, string> = {}) {
  const result: CliResult = await place.run(['run', scenarioOf(steps, rest)], env);
  return { ...result, runJson: result.runJson as Full | null };
}

describe('a canary', () => {
  const limit = { 'http_req_failed{version:v2}': [{ threshold: 'rate<0.05', abortOnFail: true }] };
  const canary = (until: object, max = '30s') => [
    { name: 'canary', run: weight(20), hold: { until, max } },
    { name: 'full', run: weight(100), hold: '500ms' },
  ];

  it('that fails three in ten is undone before it gets all the traffic, and whom it reached is said', async () => {
    place.touch('broken');
    const { code, runJson } = await runSteps(canary({ requests: 300, version: 'v2' }), {
      thresholds: limit,
      rollback: ROLLBACK,
    });
    expect(code).toBe(99);
    expect(runJson).toMatchObject({ verdict: 'downtime', release: 'rolled-back' });
    expect(runJson!.phases.map(({ name }) => name)).toEqual(['baseline', 'canary', 'rollback']);
    const { blastRadius } = runJson!;
    expect(blastRadius).toMatchObject({ version: 'v2', phase: 'canary', failedUnknown: 0 });
    const v2 = runJson!.versions.find(({ version }) => version === 'v2')!;
    expect(blastRadius!.requests).toBe(v2.requests);
    expect(blastRadius!.failed).toBe(runJson!.totals.failed);
    expect(blastRadius!.share).toBeGreaterThan(0.1);
    expect(blastRadius!.share).toBeLessThan(0.3);
    expect(runJson!.reasons.join('\n')).toMatch(/blast radius: v2 answered \d+ of \d+ requests/);
    expect(readFileSync(join(runJson ? place.runDirs()[0]! : '', 'summary.md'), 'utf8')).toContain('blast radius');
  });

  it('that holds is promoted as soon as enough of its requests were seen', async () => {
    const result = await runSteps(canary({ requests: 60, version: 'v2' }), { thresholds: limit, rollback: ROLLBACK });
    expect(endOf(result)).toBe('completed');
    const { phases, blastRadius } = result.runJson!;
    expect(phases.find(({ name }) => name === 'canary')!.window).toMatchObject({ reached: true });
    expect(phases.find(({ name }) => name === 'full')!.window).toBeNull();
    expect(blastRadius).toBeNull();
  });

  it('that was not seen often enough in time proves nothing, and the rate that would do is said', async () => {
    const { code, runJson } = await runSteps(canary({ requests: 150, version: 'v2' }, '2s'), { rollback: ROLLBACK });
    expect(code).toBe(98);
    expect(runJson).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', release: 'completed' });
    const window = runJson!.phases.find(({ name }) => name === 'canary')!.window!;
    expect(window.reached).toBe(false);
    const reason = runJson!.reasons.find((each) => each.startsWith('canary: the hold was to see 150 requests of v2'))!;
    const [, came, rate] = /and (\d+) came in \d\.\d s; at (\d+)\/s they would have come/.exec(reason)!;
    expect(Number(came)).toBe(window.requests);
    // A fifth of the traffic: 150 in 2 s are 375/s of it.
    expect(Number(rate)).toBeGreaterThan(280);
    expect(Number(rate)).toBeLessThan(520);
  });
});

describe('a release that is refused by its gate', () => {
  it('reached nobody, which is said', async () => {
    const ready = { get: '/healthz', expect: { header: { 'x-release': 'v2' } }, within: '1s' };
    const { code, runJson } = await runSteps([{ name: 'switch', run: 'true', ready }], { rollback: ROLLBACK });
    expect(code).toBe(96);
    expect(runJson!.blastRadius).toMatchObject({ version: null, requests: 0, failed: 0, share: 0, phase: 'switch' });
    expect(runJson!.reasons.join('\n')).toMatch(/blast radius: none of \d+ requests was answered by a new version/);
  });
});

describe('a step that waits', () => {
  it('goes on once something else has deployed the version; marks divide it', async () => {
    const cli = place.start([
      'run',
      scenarioOf([{ name: 'sync', wait: { version: 'v2' }, within: '30s', hold: '300ms' }]),
    ]);
    const dir = await eventually('the run', () => place.runDirs()[0] ?? null);
    await eventually('the wait', () => (/"readiness-check"/.test(journal(dir)) ? true : null));
    const mark = await place.run(['mark', 'rollout'], { ZDD_RUN: dir });
    expect(mark.code).toBe(0);
    execFileSync('bash', ['-c', weight(50)], { cwd: place.folder });
    await eventually('an answer of each version', () => (/"version v1"|version v1/.test(journal(dir)) ? true : null));
    execFileSync('bash', ['-c', weight(100)], { cwd: place.folder });
    const result = await cli.ended;
    expect(endOf(result)).toBe('completed');
    expect(result.runJson!.phases.map(({ name }) => name)).toEqual(['baseline', 'sync', 'rollout']);
    expect(result.runJson!.versions.map(({ version }) => version)).toEqual(['v1', 'v2']);
  });

  it('in vain ends the run with 96', async () => {
    const { code, runJson } = await runSteps([{ name: 'sync', wait: { version: 'v2' }, within: '1s' }], {
      rollback: ROLLBACK,
    });
    expect(code).toBe(96);
    expect(runJson!.release).toBe('rolled-back');
    expect(runJson!.reasons.join(' ')).toMatch(
      /sync was not ready within 1 s: 0\/20 in a row, last: GET \/traffic: version v1/,
    );
  });
});

describe('hooks', () => {
  const env =
    'printf "%s|%s|%s|%s" "$ZDD_EVENT" "$ZDD_VERDICT" "$ZDD_RELEASE" "$ZDD_EXIT_CODE"; test -d "$ZDD_RUN"; test -s "$ZDD_REPORT"';

  it('run after the verdict where their event has come about, and change nothing of it', async () => {
    const on = [
      {
        event: 'rolled-back',
        run: `(${env}; printf "|$ROOM|$RELEASE") >rolled-back; echo "told $ROOM"`,
        env: { ROOM: 'ops' },
      },
      { event: 'downtime', run: 'touch downtime' },
      { event: 'finished', run: 'echo "cannot tell anyone"; exit 3' },
      { event: 'inconclusive', run: 'sleep 300', timeout: '500ms' },
    ];
    const { code, runJson, stderr, dir } = await runSteps([{ name: 'switch', run: 'exit 1' }], {
      rollback: ROLLBACK,
      vars: { RELEASE: 'v2' },
      on,
    });
    expect(code).toBe(97);
    expect(read('rolled-back')).toBe('rolled-back|inconclusive|rolled-back|97|ops|v2');
    expect(there('downtime')).toBe(false);
    expect(readFileSync(join(dir!, 'steps/on-rolled-back.log'), 'utf8')).toContain('told ops');
    expect(runJson!.hooks).toMatchObject([
      { event: 'rolled-back', exitCode: 0, problem: null },
      { event: 'finished', exitCode: 3, problem: 'exited with 3' },
      { event: 'inconclusive', problem: 'was not done after 0.5 s' },
    ]);
    expect(stderr).toContain('Hook on finished: exited with 3');
    expect(readFileSync(join(dir!, 'report.html'), 'utf8')).toContain('was not done after 0.5 s');
    // They are part of the record: the report made again is the same.
    const before = readFileSync(join(dir!, 'run.json'), 'utf8');
    await place.run(['report', dir!]);
    expect(readFileSync(join(dir!, 'run.json'), 'utf8')).toBe(before);
  });

  it('hear of downtime', async () => {
    place.touch('broken');
    const { runJson } = await runSteps([{ name: 'switch', run: weight(100), hold: '1s' }], {
      on: [{ event: 'downtime', run: 'touch downtime' }],
    });
    expect(runJson!.verdict).toBe('downtime');
    expect(there('downtime')).toBe(true);
  });
});

describe('what is required', () => {
  const steps = [
    { name: 'db', kind: 'setup', run: 'touch set-up' },
    { name: 'switch', run: weight(100), hold: '300ms' },
    { name: 'clean', kind: 'teardown', run: 'touch torn-down' },
  ];

  it('and is not there stops the run with 94 before anything is run, and all of it is said', async () => {
    const require = [
      { env: ['ZDD_TEST_SET', 'ZDD_TEST_UNSET', 'EMPTY'] },
      { command: 'echo "config is broken"; exit 4' },
      { url: `${url}${TRAFFIC}`, expect: 204 },
    ];
    const { code, runJson, stderr, dir } = await runSteps(
      steps,
      { require, vars: { EMPTY: '' } },
      { ZDD_TEST_SET: 'its-value' },
    );
    expect(code).toBe(94);
    expect(runJson).toMatchObject({ release: 'not-started', verdict: 'inconclusive', totals: { requests: 0 } });
    expect(runJson!.require.map(({ what, ok, detail }) => [what, ok, detail])).toEqual([
      ['env ZDD_TEST_SET', true, ''],
      ['env ZDD_TEST_UNSET', false, 'it is not set'],
      ['env EMPTY', false, 'it is empty'],
      ['command echo "config is broken"; exit 4', false, 'it exited with 4: config is broken'],
      [`url ${url}${TRAFFIC}`, false, expect.stringContaining('200')],
    ]);
    expect(['set-up', 'torn-down'].filter(there)).toEqual([]);
    expect(stderr).toContain('required env ZDD_TEST_UNSET: it is not set');
    expect(readFileSync(join(dir!, 'journal.ndjson'), 'utf8')).not.toContain('its-value');
  });

  it('is looked at no longer once the run is interrupted', async () => {
    const require = { command: 'touch looking; sleep 300' };
    const cli = place.start(['run', scenarioOf(steps, { require })]);
    await eventually('the command', () => (there('looking') ? true : null));
    cli.child.kill('SIGINT');
    const { code, runJson } = await cli.ended;
    expect(code).toBe(130);
    expect(runJson).toMatchObject({ release: 'not-started', verdict: 'inconclusive' });
    expect(['set-up', 'torn-down'].filter(there)).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('is ended with all its children where doctor gets %s', async (signal) => {
    const require = { command: 'touch looking; sleep 300 & sleep 300; wait', timeout: '10m' };
    const cli = place.start(['doctor', scenarioOf(steps, { require })]);
    await eventually('the command', () => (there('looking') ? true : null));
    cli.child.kill(signal);
    expect(await cli.ended).toMatchObject({ signal });
    expect(await leftOver(place.mark)).toEqual([]);
  });

  it('and is there is on record, and the run goes on', async () => {
    const result = await runSteps(steps, {
      require: { env: 'PATH', command: 'test "$GREETING" = hello', url },
      vars: { GREETING: 'hello' },
    });
    expect(endOf(result)).toBe('completed');
    expect(result.runJson!.require.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(there('set-up')).toBe(true);
  });
});

describe('what is released', () => {
  it('is named in the results, with the commit of the repository and when it was deployed', async () => {
    const git = (...args: string[]) => execFileSync('git', ['-C', place.folder, ...args], { encoding: 'utf8' }).trim();
    git('init', '-q');
    git('-c', 'user.name=a', '-c', 'user.email=a@example', 'commit', '-q', '--allow-empty', '-m', 'first');
    const ready = { get: '/', expect: { header: { 'x-release': 'v2' } } };
    const { runJson, stderr } = await runSteps(
      [{ name: 'switch', run: `sleep 0.3; ${weight(100)}`, ready, hold: '500ms' }],
      { release: { name: '${RELEASE}', git: '${GIT_SHA:-}' }, vars: { RELEASE: 'v2' } },
      { GIT_SHA: '' },
    );
    const { release } = runJson!.environment;
    expect(release).toMatchObject({ name: 'v2', git: git('rev-parse', 'HEAD'), gitFrom: 'repository', url: null });
    const { startMs, endMs } = runJson!.phases.find(({ name }) => name === 'switch')!;
    expect(release!.deployedAtMs).toBeGreaterThan(startMs + 250);
    expect(release!.deployedAtMs).toBeLessThan(endMs - 400);
    expect(stderr).toMatch(/Deployed: v2, commit [0-9a-f]{11}/);
  });
});

function journal(dir: string): string {
  const file = join(dir, 'journal.ndjson');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
