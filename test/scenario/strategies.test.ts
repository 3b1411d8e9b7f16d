import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { presetText } from '../../src/cli/init.js';
import { judge } from '../../src/judge/judge.js';
import { abortReasons } from '../../src/judge/live.js';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import { withBaselineVersion } from '../../src/scenario/baseline-version.js';
import { loadScenario } from '../../src/scenario/load.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { weightsOf } from '../../src/scenario/strategies/canary.js';
import { STRATEGIES } from '../../src/scenario/strategies/registry.js';
import type { Strategy } from '../../src/scenario/strategies/strategy.js';
import { awaitReady } from '../../src/steps/readiness.js';
import type { Readiness, Step } from '../../src/steps/step.js';
import { type Endpoint, endpointOf } from '../../src/wire/endpoint.js';
import { buildRun, type PhasePlan, type RunPlan, wrong } from '../record/build-run.js';
import { failure, fileOf, type Given, load, told } from './scenarios.js';

/** A scenario with a strategy, from line 9 on. */
const withStrategy = (strategy: string, version = '{ header: x-release }') => `version: 1
name: shop
target:
  url: http://127.0.0.1:8080
  version: ${version}
traffic:
  rate: 200/s
  mix: [{ get: / }]
${strategy}
`;

const GUNICORN = 'strategy: { gunicorn-symlink: { root: /srv/shop, release: v2, pidfile: /run/g.pid } }';

const all = ({ setup, steps, rollback, teardown }: Scenario): Step[] => [...setup, ...steps, ...rollback, ...teardown];
const names = (steps: readonly Step[]) => steps.map(({ name }) => name);
const stepNamed = (scenario: Scenario, name: string): Step => {
  const found = all(scenario).find((step) => step.name === name);
  if (found === undefined) throw new Error(`no step ${name}: ${names(all(scenario))}`);
  return found;
};

/** What a run does by it; where it was written is left out. */
function run({ sha256: _, file: __, dir: ___, ...rest }: Scenario): unknown {
  return JSON.parse(
    JSON.stringify({ ...rest, thresholds: rest.thresholds.map((each) => ({ ...each, source: null })), notes: [] }),
  );
}

describe.each(STRATEGIES.map((strategy) => [strategy.name, strategy] as const))('%s', (_, strategy: Strategy) => {
  it('has a preset that is valid, and whose effective scenario is the same run', async () => {
    const scenario = await loadScenario(fileOf(presetText(strategy)), { env: {} });
    expect(scenario.notes).toEqual([]);
    expect(scenario.rehearsal).toBe('rollback');
    const written = stringify(scenario.effective, { lineWidth: 0, aliasDuplicateObjects: false });
    expect(written).not.toMatch(/^strategy:/m);
    expect(run(await load(written))).toEqual(run(scenario));
  });

  it('has scripts that a shell can read, the plain one too', async () => {
    const scenario = await load(presetText(strategy));
    for (const { name, run: script } of all(scenario)) {
      for (const shell of ['bash', 'dash']) {
        const { status, stderr } = spawnSync(shell, ['-n'], { input: script as string, encoding: 'utf8' });
        expect([name, shell, status, stderr]).toEqual([name, shell, 0, '']);
      }
    }
  });

  it('asks for the version of the release, and of the baseline on the way back', async () => {
    const scenario = await load(presetText(strategy));
    const gates = (steps: readonly Step[]) => steps.flatMap(({ ready }) => ready?.checks ?? []);
    const from = { from: 'header', name: 'x-release' };
    for (const { version } of gates(scenario.steps)) expect(version).toEqual({ expected: 'v2', from });
    for (const { version } of gates(scenario.rollback))
      expect(version).toEqual({ expected: '${baseline.version}', from });
    expect(gates(scenario.steps).length).toBeGreaterThan(0);
    expect(gates(scenario.rollback).length).toBeGreaterThan(0);
  });

  it('never puts what the user has given into the code of a shell', async () => {
    const options = parse(
      strategy.preset.options.replaceAll(/\$\{(\w+)\}/g, (_, name) => PLACES[name] ?? 'v2'),
    ) as Record<string, unknown>;
    const marked = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, mark(key, value)]));
    const scenario = await load(withStrategy(`strategy: ${JSON.stringify({ [strategy.name]: marked })}`));
    const scripts = Object.values(marked).filter((value) => typeof value === 'string');
    for (const { name, run: script } of all(scenario)) {
      if (scripts.includes(script as string)) continue;
      expect([name, String(script).includes('MARK')]).toEqual([name, false]);
    }
    // They arrive where they are looked for.
    expect(JSON.stringify(all(scenario).map(({ env }) => env))).toContain('MARK');
  });

  it('says in validate that it would know more with `target.version`, or that it cannot do without', async () => {
    const without = presetText(strategy).replace(/ {2}version: \{ header.*\n/, '');
    if (strategy.name === 'rolling') {
      expect(told(await failure(without))).toEqual([
        expect.stringContaining('`web2 back` needs the version of the baseline, and the target declares none'),
      ]);
      return;
    }
    const { notes } = await loadScenario(fileOf(without), { env: {} });
    expect(notes).toEqual([
      expect.stringContaining(`strategy ${strategy.name}: without \`target.version\` no gate asks`),
    ]);
  });
});

const PLACES: Record<string, string> = { LIVE: 'blue', STABLE: 'blue', CANARY: 'green' };

/** The value with a mark in it that no shell could overlook, where the option is free text. */
function mark(key: string, value: unknown): unknown {
  const free = [
    'root',
    'pidfile',
    'config',
    'socket',
    'build',
    'check',
    'migrate',
    'start',
    'stop',
    'update',
    'nginx',
    'pm2',
    'host',
    'context',
    'kubeconfig',
  ];
  if (typeof value !== 'string' || !free.includes(key)) return value;
  return `${value.replaceAll('$', '')} "'; MARK $(MARK) \`MARK\``;
}

describe('what a strategy expands to', () => {
  it('stands in the order of a release, with the rollback rehearsed', async () => {
    const scenario = await load(
      withStrategy(`strategy:
  gunicorn-symlink:
    { root: /srv/shop, release: "\${R}", pidfile: /run/g.pid, build: ./build.sh, check: ./check.sh, migrate: alembic upgrade head }
`),
      { env: { R: '1.10' } },
    );
    expect(names(scenario.steps)).toEqual(['build', 'check', 'record', 'migrate', 'switch', 'reload']);
    expect(names(scenario.rollback)).toEqual(['rollback']);
    expect(stepNamed(scenario, 'migrate')).toMatchObject({
      run: 'alembic upgrade head',
      cwd: '/srv/shop/releases/1.10',
    });
    expect(stepNamed(scenario, 'build').env).toEqual({
      ROOT: '/srv/shop',
      RELEASE: '1.10',
      RELEASE_DIR: '/srv/shop/releases/1.10',
    });
    expect(stepNamed(scenario, 'reload').env).toEqual({
      ROOT: '/srv/shop',
      RELEASE: '1.10',
      RELEASE_DIR: '/srv/shop/releases/1.10',
      PIDFILE: '/run/g.pid',
    });
    expect(scenario.watch.map(({ kind }) => kind)).toEqual(['link', 'processes']);
  });

  it('leaves room for steps of the user: by kind, or in the place of one with the same name', async () => {
    const scenario = await load(
      withStrategy(`${GUNICORN}
steps:
  - { name: smoke, kind: verify, run: ./smoke.sh }
  - { name: build, run: ./build.sh }
  - { name: assets, kind: build, run: ./assets.sh }
  - { name: notify, run: ./notify.sh }
  - { name: switch, run: ./own-switch.sh }
  - { name: db, kind: setup, run: ./db.sh }
  - { name: warm up, kind: warm, run: ./warm.sh }
  - { name: down, kind: teardown, run: ./down.sh }`),
    );
    expect(names(all(scenario))).toEqual([
      'db',
      'record',
      'build',
      'assets',
      'warm up',
      'switch',
      'reload',
      'smoke',
      'notify',
      'rollback',
      'down',
    ]);
    expect(stepNamed(scenario, 'switch').run).toBe('./own-switch.sh');
  });

  it('gives way to a rollback, thresholds and watchers of the user', async () => {
    const scenario = await load(
      withStrategy(`strategy:
  canary:
    { socket: /run/h.sock, backend: app, stable: a, canary: b, url: "http://127.0.0.1:1", release: v2, start: ./s.sh }
rollback: { name: undo, run: ./undo.sh }
watch: [{ haproxy: /run/h.sock, backends: [app] }, { link: /srv/x }]
thresholds:
  "http_req_failed{version:v2}": rate<0.2
  rollback_time: max<1m`),
    );
    expect(names(scenario.rollback)).toEqual(['undo']);
    expect(scenario.watch.map(({ kind }) => kind)).toEqual(['haproxy', 'link']);
    const user = scenario.thresholds.filter(({ origin }) => origin === 'user');
    expect(user.filter(({ selector }) => selector.version === 'v2').map(({ expression }) => expression)).toEqual([
      'rate<0.2',
    ]);
    expect(user.some(({ metric }) => metric === 'rollback_time')).toBe(true);
    expect(user.filter(({ abortOnFail }) => abortOnFail).length).toBe(4);
  });

  it('takes no rollback of its own beside a step of kind rollback', async () => {
    const scenario = await load(withStrategy(`${GUNICORN}\nsteps: [{ name: undo, kind: rollback, run: ./undo.sh }]`));
    expect(names(scenario.rollback)).toEqual(['undo']);
  });

  it('names the release in the report, unless the scenario does', async () => {
    expect((await load(withStrategy(GUNICORN))).effective).toMatchObject({ release: { name: 'v2' } });
    const own = await load(withStrategy(`${GUNICORN}\nrelease: { name: spring }`));
    expect(own.effective).toMatchObject({ release: { name: 'spring' } });
  });

  it('can be changed by --set', async () => {
    const given: Given = { set: ['strategy.gunicorn-symlink.release=v3', 'strategy.gunicorn-symlink.hold=1s'] };
    const scenario = await load(withStrategy(GUNICORN), given);
    expect(stepNamed(scenario, 'reload').holdMs).toBe(1000);
    expect(stepNamed(scenario, 'switch').env).toMatchObject({ RELEASE: 'v3' });
  });

  it('keeps a `$` of an option as it is, also when it is loaded again', async () => {
    const scenario = await load(withStrategy(GUNICORN.replace('/srv/shop', () => '/srv/a$$b')));
    expect(stepNamed(scenario, 'switch').env.ROOT).toBe('/srv/a$b');
    const again = await load(stringify(scenario.effective, { aliasDuplicateObjects: false }));
    expect(stepNamed(again, 'switch').env.ROOT).toBe('/srv/a$b');
  });
});

describe('the strategy swarm', () => {
  const SWARM = 'strategy: { swarm: { service: shop, image: "r.example:5000/shop:v2", release: v2 } }';

  it('updates, waits until Swarm has converged, and goes back', async () => {
    const scenario = await load(
      withStrategy(SWARM.replace('release: v2', 'release: v2, build: ./b.sh, migrate: ./m.sh')),
    );
    expect(names(scenario.steps)).toEqual(['build', 'record', 'migrate', 'update', 'converge']);
    expect(names(scenario.rollback)).toEqual(['rollback']);
    expect(stepNamed(scenario, 'update')).toMatchObject({
      holdMs: 0,
      env: { SERVICE: 'shop', IMAGE: 'r.example:5000/shop:v2', ORDER: 'start-first', MONITOR: '5s' },
    });
    expect(stepNamed(scenario, 'build').env).toEqual({ RELEASE: 'v2', IMAGE: 'r.example:5000/shop:v2' });
    for (const name of ['converge', 'rollback']) {
      expect(stepNamed(scenario, name)).toMatchObject({ timeoutMs: 330_000, env: { WITHIN: '300' } });
    }
  });

  it('sets the order of a rollback before the update: Swarm goes back by the settings of then', async () => {
    const update = String(stepNamed(await load(withStrategy(SWARM)), 'update').run);
    const commands = update.replaceAll('\\\n', ' ').match(/^docker .*$/gm) ?? [];
    expect(commands.map((command) => [command.includes('--rollback-order'), command.includes('--image')])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('takes a manager, an order, limits and flags of the user', async () => {
    const more =
      'host: "ssh://deploy@m", order: stop-first, monitor: 20s, within: 2m, registryAuth: true, resolveImage: false';
    const scenario = await load(withStrategy(SWARM.replace('release: v2', `release: v2, ${more}`)));
    const touching = [...scenario.steps, ...scenario.rollback];
    for (const { env } of touching) expect(env).toMatchObject({ DOCKER_HOST: 'ssh://deploy@m' });
    const update = stepNamed(scenario, 'update');
    expect(update.env).toMatchObject({ ORDER: 'stop-first', MONITOR: '20s' });
    expect(update.run).toContain('--with-registry-auth --no-resolve-image --image "$IMAGE" "$SERVICE"');
    expect(stepNamed(scenario, 'converge')).toMatchObject({ timeoutMs: 150_000, env: { WITHIN: '120' } });
  });

  it.each([
    [[null], ''],
    [['/run/d.sock'], ', host: "unix:///run/d.sock"'],
    [[], ', host: "ssh://deploy@m"'],
  ])('watches the service by the sockets %j, as `host` says it (%s)', async (sockets, more) => {
    const { watch } = await load(withStrategy(SWARM.replace('release: v2', `release: v2${more}`)));
    expect(watch).toMatchObject(sockets.map((socket) => ({ kind: 'docker', service: 'shop', socket })));
    expect(watch.length).toBe(sockets.length);
  });

  it.each(['shop', 'r.example:5000/shop', 'shop:', 'shop@sha256:12', 'shop:v2 --force'])(
    'refuses %s: the release has an image of its own',
    async (image) => {
      const error = await failure(withStrategy(SWARM.replace('r.example:5000/shop:v2', image)));
      expect(told(error).join()).toContain('expected an image with its tag or digest');
    },
  );

  it.each([
    'shop:v2',
    'r.example/team/shop:v2.1-rc1',
    `shop@sha256:${'0'.repeat(64)}`,
    `r:5000/s:v2@sha256:${'a'.repeat(64)}`,
  ])('takes %s', async (image) => {
    const scenario = await load(withStrategy(SWARM.replace('r.example:5000/shop:v2', image)));
    expect(stepNamed(scenario, 'update').env).toMatchObject({ IMAGE: image });
  });
});

describe('the strategy kubernetes', () => {
  const KUBERNETES =
    'strategy: { kubernetes: { deployment: shop, container: web, image: "r.example:5000/shop:v2", release: v2 } }';
  const withMore = (more: string) => withStrategy(KUBERNETES.replace('release: v2', `release: v2, ${more}`));

  it('sets the image, waits for the rollout, and goes back to the revision that was live', async () => {
    const scenario = await load(withMore('build: ./b.sh, migrate: ./m.sh'));
    expect(names(scenario.steps)).toEqual(['build', 'record', 'migrate', 'rollout']);
    expect(names(scenario.rollback)).toEqual(['rollback']);
    const rollout = stepNamed(scenario, 'rollout');
    expect(rollout).toMatchObject({
      timeoutMs: 360_000,
      env: { DEPLOYMENT: 'shop', CONTAINER: 'web', IMAGE: 'r.example:5000/shop:v2', WITHIN: '300s' },
    });
    expect(rollout.run).toContain('--timeout "$WITHIN"');
    expect(stepNamed(scenario, 'rollback').run).toContain('--to-revision "$number"');
    expect(stepNamed(scenario, 'build').env).toEqual({ RELEASE: 'v2', IMAGE: 'r.example:5000/shop:v2' });
  });

  it('asks the cluster that the user names, in every step, and watches it', async () => {
    const scenario = await load(withMore('namespace: prod, context: eu, kubeconfig: /etc/kube, within: 90s'));
    for (const { env } of [...scenario.steps, ...scenario.rollback]) {
      expect(env).toMatchObject({ KUBE_NAMESPACE: 'prod', KUBE_CONTEXT: 'eu', KUBECONFIG: '/etc/kube' });
    }
    expect(stepNamed(scenario, 'rollout')).toMatchObject({ timeoutMs: 150_000, env: { WITHIN: '90s' } });
    expect(scenario.watch).toMatchObject([
      { kind: 'kubernetes', deployment: 'shop', namespace: 'prod', context: 'eu', kubeconfig: '/etc/kube' },
    ]);
  });

  it('leaves the cluster to kubectl where the user names none, and takes no names out of the environment', async () => {
    const { env } = stepNamed(await load(withStrategy(KUBERNETES)), 'rollout');
    expect(env).toMatchObject({ KUBE_NAMESPACE: '', KUBE_CONTEXT: '' });
    expect(env).not.toHaveProperty('KUBECONFIG');
  });

  it.each(['shop', 'r.example:5000/shop', 'shop:', 'shop@sha256:12', 'shop:v2 --force'])(
    'refuses %s: the release has an image of its own',
    async (image) => {
      const error = await failure(withStrategy(KUBERNETES.replace('r.example:5000/shop:v2', image)));
      expect(told(error).join()).toContain('expected an image with its tag or digest');
    },
  );
});

describe('the gate of a strategy', () => {
  const gateOf = async (version: string, ready: string, { release = 'v2', step = 'reload' } = {}) => {
    const scenario = await load(
      withStrategy(
        `strategy: { gunicorn-symlink: { root: /s, release: "${release}", pidfile: /p, ready: ${ready} } }`,
        version,
      ),
    );
    return stepNamed(scenario, step).ready;
  };

  it.each([
    ['{ header: x-release }', '/up', { from: 'header', name: 'x-release' }],
    ['{ json: $.build }', '/up', { from: 'json', path: '$.build' }],
    ['{ body: "v[0-9.]+" }', '/up', { from: 'body', pattern: /v[0-9.]+/ }],
    ['{ header: x-release }', '{ get: /up, version: { body: "is (.*)" } }', { from: 'body', pattern: /is (.*)/ }],
  ])('reads the version as the target %s, or the check %s, says it', async (version, ready, from) => {
    const there = await gateOf(version, ready, { release: '12.5' });
    const back = await gateOf(version, ready, { step: 'rollback' });
    expect(there?.checks).toMatchObject([{ path: '/up', version: { expected: '12.5', from } }]);
    expect(back?.checks).toMatchObject([{ path: '/up', version: { expected: '${baseline.version}', from } }]);
  });

  it.each([
    ['{ body: "release v(\\\\S+)" }', true],
    ['{ body: "v[0-9.]+" }', false],
    ['{ body: "v(?<release>\\\\S+)" }', true],
    ['{ json: $.version }', true],
    ['{ header: x-release }', true],
  ])('opens for that version alone, and not for one that begins like it (%s)', async (version, withoutV) => {
    const named = (number: string) => (withoutV ? number : `v${number}`);
    const readiness = await gateOf(version, '{ get: /up, consecutive: 1, within: 200ms }', { step: 'rollback' });
    const step = withBaselineVersion({ ready: readiness } as Step, named('1.2'));
    const answers = (number: string) => ({
      headers: { 'x-release': number },
      body: version.includes('json') ? JSON.stringify({ version: number }) : `release v${number}`,
    });
    expect(await opens(step.ready as Readiness, answers('1.2'))).toEqual({ ready: true, detail: '1 in a row' });
    expect(await opens(step.ready as Readiness, answers('1.2.1'))).toMatchObject({
      ready: false,
      detail: expect.stringContaining(`version ${named('1.2.1')}`),
    });
  });

  it('adds the version to what the user expects, and takes the user counts and times', async () => {
    const ready = '{ get: /up, expect: 204, consecutive: 2, within: 7s, version: { header: x-build } }';
    expect(await gateOf('{ header: x-release }', ready)).toMatchObject({
      consecutive: 2,
      withinMs: 7000,
      checks: [{ path: '/up', expect: { statuses: [204] }, version: { from: { name: 'x-build' } } }],
    });
  });

  it('goes to the one instance that is made ready, and to the target once it has the traffic', async () => {
    const scenario = await load(
      withStrategy(
        'strategy: { nginx-blue-green: { config: /c, blue: "127.0.0.1:1", green: "127.0.0.1:2", live: green, release: v2, start: ./s } }',
      ),
    );
    expect(stepNamed(scenario, 'start').ready?.checks[0]?.path).toBe('http://127.0.0.1:1/healthz');
    expect(stepNamed(scenario, 'switch').ready?.checks[0]?.path).toBe('/healthz');
    expect(stepNamed(scenario, 'switch').env).toMatchObject({ LIVE: '127.0.0.1:2', NEW: '127.0.0.1:1' });
  });
});

/** Whether the gate opens for a server with this answer to everything. */
async function opens(ready: Readiness, answer: { headers: Record<string, string>; body: string }) {
  const server = createServer((_, response) => response.writeHead(200, answer.headers).end(answer.body));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint: Endpoint = endpointOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return awaitReady(ready, {
    endpoint,
    userAgent: 'test',
    timeoutMs: 1000,
    clock: clockSince(monotonicNs()),
    signal: new AbortController().signal,
    onCheck: () => {},
  });
}

describe('a canary', () => {
  const CANARY = 'config: /c, stable: a, canary: b, url: "http://h:1", release: v2, start: ./s';
  const canary = (more = '') => withStrategy(`strategy: { canary: { ${CANARY}${more} } }`);
  const SHARE: Record<string, number> = { 'canary 10': 10, 'canary 50': 2, 'canary 100': 1 };
  const phases: PhasePlan[] = [
    { name: 'warmup', kind: 'warmup', ms: 1000 },
    { name: 'baseline', kind: 'baseline', ms: 5000 },
    { name: 'canary 10', kind: 'switch', ms: 5000 },
    { name: 'canary 50', kind: 'switch', ms: 1000 },
    { name: 'canary 100', kind: 'switch', ms: 5000, readyAfterMs: 100 },
    { name: 'rollback', kind: 'rollback', role: 'rehearsal', ms: 5000, readyAfterMs: 100 },
  ];
  /** Of 1,000 requests of its first step the canary gets 100. */
  const planOf = async (failing: number): Promise<RunPlan> => ({
    ratePerSec: 200,
    phases,
    thresholds: (await load(canary(', shares: [10%, 50%, 100%]'))).thresholds,
    fate: ({ seq, phase }) => {
      const every = SHARE[phase];
      const version = every !== undefined && seq % every === 0 ? 'v2' : 'v1';
      const nth = phase === 'canary 10' && version === 'v2' ? (seq - 1200) / 10 : Number.POSITIVE_INFINITY;
      return nth < failing ? { version, outcome: wrong(500) } : { version };
    },
  });

  it('that fails nothing passes, however few requests it got', async () => {
    const { gate, verdict, exitCode, reasons } = judge(buildRun(await planOf(0)));
    expect({ gate, verdict, exitCode }, reasons.join('\n')).toEqual({
      gate: 'pass',
      verdict: 'zero-downtime',
      exitCode: 0,
    });
  });

  it('that fails more than its limit is undone, with 99', async () => {
    const plan = await planOf(5);
    const live = buildRun({ ...plan, phases: phases.slice(0, 3), ended: false, end: null });
    const reasons = abortReasons(live);
    expect(reasons).toEqual([
      'http_req_failed{version:v2} is 5 %, and the threshold is rate<0.01',
      'http_req_failed{step:canary 10} in canary 10 is 0.5 %, and the threshold is rate<0.001',
    ]);
    const why = { cause: 'threshold', action: 'rollback', detail: reasons.join() } as const;
    const decision = { type: 'decision', at: 11_000, ...why } as const;
    const undone = [...phases.slice(0, 3), { ...(phases.at(-1) as PhasePlan), role: 'emergency' as const }];
    const run = buildRun({ ...plan, phases: undone, events: [decision], end: { release: 'rolled-back' } });
    expect(judge(run)).toMatchObject({ gate: 'fail', verdict: 'downtime', exitCode: 99 });
  });

  it.each([
    ['0%', ['rate==0', 'rate==0', 'rate==0']],
    ['0.00001%', ['rate<0.0000001', 'rate<0.00000001', 'rate<0.0000001']],
    ['2.5%', ['rate<0.025', 'rate<0.0025', 'rate<0.025']],
  ])('with a limit of %s is aborted by %j', async (limit, expected) => {
    const { thresholds } = await load(canary(`, shares: [10%, 100%], limit: ${limit}`));
    const aborting = thresholds.filter(({ abortOnFail }) => abortOnFail);
    expect(aborting.map(({ expression }) => expression)).toEqual(expected);
    expect(new Set(aborting.map(({ level }) => level))).toEqual(new Set(['warn']));
  });

  it('takes a share from HAProxy only where its weights come near it', async () => {
    const byHaproxy = (share: string) =>
      canary(`, shares: [${share}, 100%]`).replace('config: /c', 'socket: /s, backend: app');
    await expect(load(byHaproxy('0.5%'))).resolves.toBeTruthy();
    expect(told(await failure(byHaproxy('0.1%')))).toEqual([
      expect.stringContaining("the nearest to 0.1% that HAProxy's weights can say is 0.389105%"),
    ]);
    await expect(load(canary(', shares: [0.1%, 100%]'))).resolves.toBeTruthy();
  });
});

describe('a step that drains', () => {
  const SERVERS = 'servers: { a: "http://h:1", b: "http://h:2" }';
  const HAPROXY = 'socket: /s, backend: b';
  const STRATEGY_OF: Record<string, string> = {
    'haproxy-drain': `${HAPROXY}, ${SERVERS}, live: a, start: ./s`,
    rolling: `${HAPROXY}, ${SERVERS}, update: ./u`,
    canary: `${HAPROXY}, stable: a, canary: b, url: "http://h:2", start: ./s`,
    'nginx-blue-green':
      'config: /c, blue: "h:1", green: "h:2", start: ./s, stop: ./t, retire: true, pidfile: /run/nginx.pid',
  };
  const withDrain = (name: string, drain: string) =>
    withStrategy(`strategy: { ${name}: { ${STRATEGY_OF[name]}, release: v2, drain: ${drain} } }`);

  it.each(Object.keys(STRATEGY_OF))('has the time for it, and for what else it does (%s)', async (name) => {
    const draining = all(await load(withDrain(name, '2h'))).filter(({ run }) => /\$DRAIN/.test(String(run)));
    expect(draining.length).toBeGreaterThan(0);
    for (const { timeoutMs } of draining) expect(timeoutMs).toBe((2 * 60 + 10) * 60_000);
    expect(told(await failure(withDrain(name, '24h'))).join()).toContain('`24h` is too long: at most 1430 min');
  });

  it('gives no other command of HAProxy the time that requests under way are waited for', async () => {
    for (const name of ['haproxy-drain', 'rolling', 'canary']) {
      const lines = all(await load(withDrain(name, '1s'))).flatMap(({ run }) => String(run).split('\n'));
      const limited = lines.filter((line) => line.includes('--within "$DRAIN"'));
      expect(limited.length).toBeGreaterThan(0);
      for (const line of limited)
        expect(line).toMatch(/^haproxy drain "\S+" --within "\$DRAIN"(?: \|\| \[ \$\? -eq 97 \])?$/);
    }
  });
});

describe('what is wrong with a strategy', () => {
  it.each([
    ['strategy: gunicorn', '9:11 expected one of', 'did you mean'],
    ['strategy: gunicorn-symlnk', '9:11 expected one of', 'did you mean `gunicorn-symlink`?'],
    ['strategy: { pm2-relod: {} }', '9:13 unknown key `pm2-relod`', 'did you mean `pm2-reload`?'],
    ['strategy: pm2-reload', '9:1 is missing: expected a folder', ''],
    [GUNICORN.replace('pidfile', 'pidfle'), '9:63 unknown key `pidfle`', 'did you mean `pidfile`?'],
    [GUNICORN.replace('v2', 'a/b'), '9:59 expected the name of a release', ''],
    [GUNICORN.replace('v2', '"${NONE}"'), '9:60 `NONE` has no value', ''],
    [GUNICORN.replace('root: /srv/shop', 'root: "${secret:ROOT}"'), '9:39 a secret does not belong', ''],
    [
      `strategy: { gunicorn-symlink: { root: /s, release: v2, pidfile: /p }, pm2-reload: { root: /s, release: v2, app: a } }`,
      '9:11 names 2 strategies',
      '',
    ],
    [
      'strategy: { rolling: { servers: { a: "http://h:1" }, release: v2, update: ./u, out: ./o, in: ./i } }',
      '9:33 expected at least 2 servers, got 1',
      '',
    ],
    [
      'strategy: { rolling: { servers: { a: "http://h:1", b: "http://h:2" }, release: v2, update: ./u } }',
      '9:33 expected either `socket` and `backend`',
      '',
    ],
    [
      'strategy: { rolling: { servers: { a: "h:1", b: "http://h:2" }, release: v2, update: ./u, out: ./o, in: ./i } }',
      '9:38 expected a URL without a path',
      '',
    ],
    [
      'strategy: { haproxy-drain: { socket: /s, backend: b, servers: { a: "http://h:1", b: "http://h:2" }, live: c, release: v2, start: ./s } }',
      '9:107 `c` is none of the `servers`',
      '',
    ],
    [
      'strategy: { nginx-blue-green: { config: /c, blue: "127.0.0.1:1", green: "127.0.0.1:1", release: v2, start: ./s } }',
      '9:73 `127.0.0.1:1` stands for both',
      '',
    ],
    [
      'strategy: { nginx-blue-green: { config: /c, blue: "127.0.0.1:1", green: "127.0.0.1:2", release: v2, start: ./s, retire: true } }',
      'there is no `stop`',
      '',
    ],
    [
      'strategy: { canary: { config: /c, stable: a, canary: b, url: "http://h:1", release: v2, start: ./s, shares: [10%, 5%, 100%] } }',
      'each share must be greater',
      '',
    ],
    [
      'strategy: { canary: { config: /c, stable: a, canary: b, url: "http://h:1", release: v2, start: ./s, shares: [10%, 50%] } }',
      'the last share must be `100%`',
      '',
    ],
    [
      'strategy: { nginx-blue-green: { config: /c, blue: "127.0.0.1:99999", green: "127.0.0.1:2", release: v2, start: ./s } }',
      '9:51 expected an address such as `127.0.0.1:8001`, got `127.0.0.1:99999`',
      '',
    ],
    [
      'strategy: { rolling: { servers: { a: "http://h:1", b: "http://h:99999" }, release: v2, update: ./u, out: ./o, in: ./i } }',
      '9:55 expected a URL without a path such as `http://127.0.0.1:8001`, got `http://h:99999`',
      '',
    ],
    ...[
      'nginx-blue-green: { config: /c, blue: "h:1", green: "h:2", release: v2, start: ./s, on: web1 }',
      'haproxy-drain: { socket: /s, backend: b, servers: { a: "http://h:1", b: "http://h:2" }, live: a, release: v2, start: ./s, on: web1 }',
      'rolling: { servers: { a: "http://h:1", b: "http://h:2" }, release: v2, update: ./u, out: ./o, in: ./i, on: web1 }',
      'canary: { config: /c, stable: a, canary: b, url: "http://h:1", release: v2, start: ./s, on: web1 }',
    ].map((options) => [`strategy: { ${options} }`, 'unknown key `on`', '']),
  ])('%s: is said with its place, and nothing else is', async (strategy, place, more) => {
    const error = await failure(withStrategy(strategy), { env: { ROOT: 'secret-folder' } });
    const said = told(error).join('\n');
    expect(said).toContain(place);
    expect(said).toContain(more);
    expect(new Set(error.problems.map(({ location }) => location?.line))).toEqual(new Set([9]));
    expect(error.message).not.toContain('secret-folder');
  });

  it.each([
    ['nginx-blue-green', 'config: /c, blue: "h:1", green: "h:2", pidfile: /p'],
    ['haproxy-drain', 'socket: /s, backend: b, servers: { a: "http://h:1", b: "http://h:2" }, live: a'],
  ])('%s: brings the old place back by its version, and is refused without one', async (name, options) => {
    const retiring = withStrategy(
      `strategy: { ${name}: { ${options}, release: v2, start: ./s, stop: ./t, retire: true } }`,
    );
    expect(names((await load(retiring)).rollback)).toEqual(['start old', 'rollback']);
    expect(told(await failure(retiring.replace(/ {2}version: \{ header.*\n/, '')))).toEqual([
      expect.stringMatching(/^8:\d+ `start old` needs the version of the baseline, and the target declares none$/),
    ]);
  });

  it('does not hide what is wrong elsewhere, and leaves the names of its steps known', async () => {
    const error = await failure(
      withStrategy(`${GUNICORN.replace('pidfile', 'pidfle')}
steps:
  - { name: smoke, kind: verify, run: ./smoke.sh, hold: 5 }
thresholds:
  "latency{step:reload}": p(99)<500
  "latency{step:reloed}": p(99)<500`),
    );
    expect(told(error)).toEqual([
      expect.stringMatching(/^9:\d+ unknown key `pidfle`/),
      expect.stringContaining('11:57'),
      expect.stringContaining('14:3 '),
    ]);
  });

  it('points to steps of the user where they stand in the file', async () => {
    const error = await failure(
      withStrategy(
        `${GUNICORN}\nsteps:\n  - { name: smoke, kind: verify, run: ./s.sh, tmeout: 5s }\n  - { name: db, kind: setup }`,
      ),
    );
    expect(told(error)).toEqual([
      expect.stringContaining('11:47 unknown key `tmeout`'),
      expect.stringContaining('12:5 has nothing to do'),
    ]);
  });
});

it('finds two weights of HAProxy for any share', () => {
  for (const share of [0.001, 0.005, 0.01, 0.05, 0.1, 0.125, 1 / 3, 0.5, 0.75, 0.99]) {
    const [canary, stable] = weightsOf(share);
    expect(Math.min(canary, stable)).toBeGreaterThanOrEqual(1);
    expect(Math.max(canary, stable)).toBeLessThanOrEqual(256);
    expect(Math.abs(canary / (canary + stable) - share)).toBeLessThan(Math.max(0.003, share * 0.02));
  }
  expect(weightsOf(0.1)).toEqual([10, 90]);
});
