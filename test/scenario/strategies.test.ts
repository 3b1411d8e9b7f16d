import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { presetText } from '../../src/cli/init.js';
import { loadScenario } from '../../src/scenario/load.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { weightsOf } from '../../src/scenario/strategies/canary.js';
import { STRATEGIES } from '../../src/scenario/strategies/registry.js';
import type { Strategy } from '../../src/scenario/strategies/strategy.js';
import type { Step } from '../../src/steps/step.js';
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
    const demanded = (steps: readonly Step[]) => gates(steps).flatMap(({ expect: { headers } }) => headers);
    expect(demanded(scenario.steps).length).toBe(gates(scenario.steps).length);
    expect(demanded(scenario.rollback).length).toBe(gates(scenario.rollback).length);
    for (const header of demanded(scenario.steps)) expect(header).toEqual({ name: 'x-release', value: 'v2' });
    for (const header of demanded(scenario.rollback))
      expect(header).toEqual({ name: 'x-release', value: '${baseline.version}' });
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

  it('says in validate that it would know more with `target.version`', async () => {
    const { notes } = await loadScenario(fileOf(presetText(strategy).replace(/ {2}version: \{ header.*\n/, '')), {
      env: {},
    });
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
    expect(stepNamed(scenario, 'reload').env).toEqual({ PIDFILE: '/run/g.pid' });
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
  const gateOf = async (version: string, ready: string, release = 'v2') => {
    const scenario = await load(
      withStrategy(
        `strategy: { gunicorn-symlink: { root: /s, release: "${release}", pidfile: /p, ready: ${ready} } }`,
        version,
      ),
    );
    return stepNamed(scenario, 'reload').ready;
  };

  it('finds the version where the target says it: in JSON by its text, in a body in the place of the group', async () => {
    expect((await gateOf('{ json: $.version }', '/healthz'))?.checks[0]?.expect.json).toEqual([
      { path: '$.version', value: 'v2' },
    ]);
    expect((await gateOf('{ json: $.build }', '/healthz', '12.5'))?.checks[0]?.expect.json).toEqual([
      { path: '$.build', value: /^12\.5$/ },
    ]);
    const body = (await gateOf('{ body: "release (v\\\\d(?:\\\\.\\\\d)*) of" }', '/healthz', 'v1.2'))?.checks[0]?.expect
      .body;
    expect(body?.matches?.test('release v1.2 of')).toBe(true);
    expect(body?.matches?.test('release v1x2 of')).toBe(false);
  });

  it('adds the version to what the user expects, and takes the user counts and times', async () => {
    const ready = '{ get: /up, expect: 204, consecutive: 2, within: 7s, version: { header: x-build } }';
    expect(await gateOf('{ header: x-release }', ready)).toMatchObject({
      consecutive: 2,
      withinMs: 7000,
      checks: [{ path: '/up', expect: { statuses: [204], headers: [{ name: 'x-build', value: 'v2' }] } }],
    });
    expect(await gateOf('{ header: x-release }', '{ get: /up, expect: { header: { x-ok: "1" } } }')).toMatchObject({
      checks: [
        {
          expect: {
            headers: [
              { name: 'x-ok', value: '1' },
              { name: 'x-release', value: 'v2' },
            ],
          },
        },
      ],
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
  ])('%s: is said with its place, and nothing else is', async (strategy, place, more) => {
    const error = await failure(withStrategy(strategy), { env: { ROOT: 'secret-folder' } });
    const said = told(error).join('\n');
    expect(said).toContain(place);
    expect(said).toContain(more);
    expect(new Set(error.problems.map(({ location }) => location?.line))).toEqual(new Set([9]));
    expect(error.message).not.toContain('secret-folder');
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
