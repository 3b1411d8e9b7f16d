import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fine, missing, warn } from '../../src/cli/doctor/check.js';
import { checkMachine, USUAL_DEMAND } from '../../src/cli/doctor/machine-checks.js';
import { programsOf } from '../../src/cli/doctor/programs.js';
import { checkScenario } from '../../src/cli/doctor/scenario-checks.js';
import { describeChecks, exitCodeFor } from '../../src/cli/doctor.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { constantRate } from '../../src/model/rate.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { Step } from '../../src/steps/step.js';
import { endpointOf } from '../../src/wire/endpoint.js';
import { emptyFolder } from '../setup/empty-folder.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('doctor on this machine', () => {
  it('looks at everything a run needs', async () => {
    const checks = await checkMachine(USUAL_DEMAND, await emptyFolder());
    expect(checks.map(({ name }) => name)).toEqual([
      'node',
      'processors',
      'memory',
      'file descriptors',
      'ports',
      'clock',
      'timers',
      'shell',
      'output',
      'images',
    ]);
    expect(checks.find(({ name }) => name === 'images')?.state).toBe('OK');
    for (const { state, fix } of checks) expect(state === 'OK').toBe(fix === '');
  });

  it('warns of a limit of descriptors below what the traffic needs', async () => {
    const checks = await checkMachine({ ...USUAL_DEMAND, maxInFlight: 2 ** 30 }, tmpdir());
    expect(checks.find(({ name }) => name === 'file descriptors')).toMatchObject({ state: 'WARN', fix: /ulimit -n/ });
  }, 15_000);

  it('finds that a run could not be recorded below a file', async () => {
    const file = join(await emptyFolder(), 'file');
    await writeFile(file, '');
    const checks = await checkMachine(USUAL_DEMAND, join(file, 'reports'));
    expect(checks.find(({ name }) => name === 'output')?.state).toBe('MISSING');
    expect(exitCodeFor(checks)).toBe(98);
  });
});

describe('doctor on a scenario', () => {
  it('finds programs by the step that needs them, as PATH and the folder of the step have them', async () => {
    const dir = await emptyFolder();
    await writeFile(join(dir, 'deploy.sh'), '#!/bin/sh\n');
    await chmod(join(dir, 'deploy.sh'), 0o755);
    const scenario = scenarioIn(dir, await serve(200), [
      step('switch', './deploy.sh v2 && nginx-of-nowhere -s reload'),
      step('build', ['no-such-builder', 'all']),
      step('migrate', 'no-such-migrator up'),
    ]);
    const states = Object.fromEntries((await checkScenario(scenario)).map(({ name, state }) => [name, state]));
    expect(states).toEqual({
      'program ./deploy.sh': 'OK',
      'program nginx-of-nowhere': 'WARN',
      'program no-such-builder': 'MISSING',
      'program no-such-migrator': 'WARN',
      'target home': 'OK',
    });
  });

  it('says what an unhealthy target answered, and ends with 94', async () => {
    const checks = await checkScenario(scenarioIn(tmpdir(), await serve(503), []));
    expect(checks[0]).toMatchObject({
      state: 'MISSING',
      about: 'target',
      found: expect.stringContaining('unexpected-status'),
    });
    expect(exitCodeFor([...checks, missing('x', '', '')])).toBe(94);
  });

  it('asks the probes that only read once, and says which route is not there or too quick', async () => {
    const origin = await serve(200, { '/gone': 404 });
    const expected = { statuses: null, body: null, json: [], headers: [] };
    const get = (path: string) => ({ method: 'GET', path, headers: {}, body: null, expect: expected });
    const probing = (inflight: string): Scenario => ({
      ...scenarioIn(tmpdir(), origin, []),
      probes: {
        endpoint: endpointOf(origin),
        timeoutMs: 2000,
        version: null,
        client: 'strict',
        blocked: [],
        probes: [
          { probe: 'idle', connections: 5, request: get('/') },
          { probe: 'inflight', everyMs: 500, request: get(inflight) },
          { probe: 'assets', page: '/gone', headers: {}, everyMs: 1000, most: 5 },
          { probe: 'websocket', path: '/ws', headers: {}, connections: 1, everyMs: 500, timeoutMs: 5000 },
        ],
      },
    });
    const found = async (path: string) => {
      const checks = await checkScenario(probing(path));
      return Object.fromEntries(checks.map(({ name, state }) => [name, state]));
    };
    expect(await found('/gone')).toEqual({
      'target home': 'OK',
      'probe idle': 'OK',
      'probe inflight': 'MISSING',
      'probe assets': 'MISSING',
    });
    expect(await found('/quick')).toMatchObject({ 'probe inflight': 'WARN' });
    expect(exitCodeFor(await checkScenario(probing('/gone')))).toBe(94);
  });

  it('wants the version of one flow, not of all', async () => {
    const scenario = scenarioIn(tmpdir(), await serve(200, {}, '/version'), []);
    scenario.traffic.version = { from: 'header', name: 'x-release' };
    expect(await checkScenario(scenario)).toMatchObject([{ state: 'WARN', found: /without a version$/ }]);
    const [home] = scenario.traffic.flows;
    scenario.traffic.flows.push({ ...(home as NonNullable<typeof home>), name: 'version', path: '/version' });
    expect((await checkScenario(scenario)).map(({ state }) => state)).toEqual(['OK', 'OK']);
  });

  it('only warns of a target that the setup steps are to start', async () => {
    const scenario = scenarioIn(tmpdir(), 'http://127.0.0.1:1', []);
    expect((await checkScenario(scenario))[0]?.state).toBe('MISSING');
    scenario.setup = [step('start', ['sh', '-c', 'true'])];
    expect((await checkScenario(scenario)).find(({ about }) => about === 'target')?.state).toBe('WARN');
  });
});

describe('what a run looks at before it begins', () => {
  it('is looked at by doctor too: requirements and hosts', async () => {
    const scenario = scenarioIn(tmpdir(), await serve(200), []);
    scenario.vars = { GIVEN: 'yes' };
    scenario.requirements = [
      { kind: 'env', name: 'GIVEN' },
      { kind: 'env', name: 'ZDD_TEST_UNSET' },
      { kind: 'command', run: 'echo broken; exit 2', host: null, timeoutMs: 5000 },
    ];
    scenario.hosts = [
      { name: 'web1', destination: 'deploy@web1', shell: ['sh', '-c', 'echo Permission denied >&2; exit 255'] },
    ];
    const checks = (await checkScenario(scenario)).map(({ name, state, found }) => [name, state, found]);
    expect(checks).toEqual([
      ['host web1', 'MISSING', 'deploy@web1: Permission denied'],
      ['required env', 'OK', 'GIVEN'],
      ['required env', 'MISSING', 'ZDD_TEST_UNSET: it is not set'],
      ['required command', 'MISSING', 'echo broken; exit 2: it exited with 2: broken'],
      expect.arrayContaining(['target home', 'OK']),
    ]);
    expect(exitCodeFor(await checkScenario(scenario))).toBe(94);
  });
});

describe('the programs of a step', () => {
  it.each([
    [['alembic', 'upgrade', 'head'], ['alembic']],
    [['${BIN}/tool'], []],
    [null, []],
    ['RELEASE=v2 ./deploy/build.sh --fast', ['./deploy/build.sh']],
    ['set -u\ncd "$ROOT"\nif docker ps; then\n  nginx -t\nfi', ['docker', 'nginx']],
    ['docker build . \\\n  -t shop', ['docker']],
    ['"$TOOL" run', []],
    ['go_on() {\n  true\n}\ngo_on now', []],
    ["cat > f <<'END'\nnot-a-program at all\nEND\nsystemctl reload shop", ['cat', 'systemctl']],
    ['echo done; # a comment', []],
    ['# only a comment', []],
  ] as [string | string[] | null, string[]][])('of %j are %j', (run, programs) => {
    expect(programsOf(run)).toEqual(programs);
  });
});

describe('what doctor prints', () => {
  it('has a line a check, the fix below it, and the sum', () => {
    const lines = describeChecks([fine('node', '22'), warn('ports', 'few \u001b[2J', 'Widen the range.')], PLAIN);
    expect(lines).toEqual([
      'OK       node   22',
      'WARN     ports  few ',
      '                Widen the range.',
      '',
      'Usable, with 1 warning.',
    ]);
    expect(describeChecks([missing('shell', 'none', 'Install one.')], PLAIN).at(-1)).toBe('Not usable: 1 missing.');
  });
});

/** Answers with this status, but for paths with one of their own; one path says its version. */
async function serve(status: number, own: Record<string, number> = {}, versioned = ''): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    if (url === versioned) response.setHeader('x-release', 'v1');
    response.writeHead(own[url] ?? status).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function step(name: string, run: string | string[]): Step {
  return {
    name,
    kind: 'custom',
    run,
    host: null,
    cwd: null,
    env: {},
    timeoutMs: 1000,
    ready: null,
    holdMs: null,
    holdUntil: null,
    ratePerSec: null,
    migrations: null,
    onFail: null,
  };
}

function scenarioIn(dir: string, origin: string, steps: Step[]): Scenario {
  const expect = { statuses: null, body: null, json: [], headers: [] };
  const flow = { weight: 1, stream: 0, endpoint: 0, template: null, clients: 0 };
  return {
    name: 'example',
    sha256: '',
    file: null,
    dir,
    runbook: null,
    release: { name: null, git: null, gitFrom: null, url: null },
    vars: {},
    requirements: [],
    hosts: [],
    target: { url: origin, allowWrites: false },
    version: { declared: false, changes: true },
    traffic: {
      endpoints: [endpointOf(origin)],
      timeoutMs: 2000,
      streams: [{ name: '', rate: constantRate(50) }],
      arrival: 'even',
      seed: null,
      threads: 1,
      keepaliveShare: 0.8,
      pool: 5,
      client: 'strict',
      maxInFlight: 100,
      lateLimitMs: 1000,
      flows: [
        { name: 'home', ...flow, method: 'GET', path: '/', headers: {}, body: null, expect },
        { name: 'order', ...flow, method: 'POST', path: '/orders', headers: {}, body: '{}', expect },
      ],
      feeds: [],
      blocked: [],
      version: null,
    },
    probes: null,
    watch: [],
    warmupMs: 0,
    baselineMs: 1000,
    setup: [],
    steps,
    teardown: [],
    rollback: [],
    rehearsal: 'none',
    thresholds: [],
    hooks: [],
    maxDurationMs: 60_000,
    outputDir: 'reports',
    secrets: [],
    effective: {},
  };
}
