import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { endpointOf } from '../../src/wire/endpoint.js';
import { failure, load, MINIMAL, told, withLine } from './scenarios.js';

const more = (text: string) => `${MINIMAL}${text}\n`;
const step = (text: string) => withLine(10, `  - ${text}`);
/** A target whose version can be read: three lines, so that the steps begin in line 11. */
const VERSIONED = MINIMAL.replace('8080\n', '8080\n  version: { header: x-release }\n');
const versioned = (text: string) => VERSIONED.replace('  - { name: switch, run: ./switch.sh }', `  - ${text}`);

type Case = [what: string, content: string, says: string];

const HOSTS: Case[] = [
  ['no host', more('hosts: {}'), '11:8 is empty: expected at least one host'],
  [
    'a destination alone',
    more('hosts: { web1: deploy@a }'),
    '11:16 expected `{ ssh: deploy@10.0.1.10 }`, got `deploy@a`',
  ],
  ['an unknown key', more('hosts: { web1: { ssh: a, shh: b } }'), '11:26 unknown key `shh`; did you mean `ssh`?'],
  [
    'an option',
    more('hosts: { web1: { ssh: -oProxyCommand=x } }'),
    '11:23 expected a destination such as `deploy@10.0.1.10`, got `-oProxyCommand=x`',
  ],
  [
    'a command line',
    more('hosts: { web1: { ssh: ssh deploy@a } }'),
    '11:23 expected a destination such as `deploy@10.0.1.10`, got `ssh deploy@a`',
  ],
  [
    'a port that is none',
    more('hosts: { web1: { ssh: { destination: a, port: 70000 } } }'),
    '11:47 `70000` is too large: at most 65535 (a TCP port)',
  ],
  [
    'a name with a space',
    more('hosts: { "a b": { ssh: a } }'),
    '11:10 `a b` does not do as a name: letters, digits, `_`, `-` and `.`, a letter first',
  ],
  [
    'an unknown host of a step',
    `${step('{ name: a, run: b, on: web }')}hosts: { web1: { ssh: a } }\n`,
    '10:28 there is no host `web`; did you mean `web1`?',
  ],
  ['a host of a step where there is none', step('{ name: a, run: b, on: web1 }'), '10:28 there is no host `web1`'],
  [
    'a host without a command',
    `${step('{ name: a, hold: 1s, on: w }')}hosts: { w: { ssh: a } }\n`,
    '10:26 there is no command to run on a host',
  ],
];

const WAIT: Case[] = [
  [
    'nothing',
    step('{ name: a, wait: {} }'),
    '10:22 has no method: write one of `get`, `head`, `post`, `put`, `patch`, `delete`, `options` with a path',
  ],
  [
    'a version that cannot be told',
    step('{ name: a, wait: { version: v2 } }'),
    '10:24 no version can be told: the target declares none',
  ],
  [
    'beside a command',
    versioned('{ name: a, run: b, wait: { version: v2 } }'),
    '11:24 `wait` is for a step without a command, where something else deploys',
  ],
  [
    'beside a gate',
    versioned('{ name: a, ready: { get: / }, wait: { version: v2 } }'),
    '11:16 a step has `wait` or `ready`, not both',
  ],
  ['a time without it', step('{ name: a, run: b, within: 5m }'), '10:24 `within` goes with `wait`'],
  ['its time inside', versioned('{ name: a, wait: { get: /, within: 5m } }'), '11:32 unknown key `within`'],
  [
    'an unknown key',
    versioned('{ name: a, wait: { versoin: v2 } }'),
    '11:24 unknown key `versoin`; did you mean `version`?',
  ],
  [
    'a mix that cannot be asked',
    versioned('{ name: a, wait: { version: v2 } }').replace('get: /', 'post: /'),
    '11:33 the mix has no reading flow to the target that could be asked for its version',
  ],
];

const HOLD: Case[] = [
  [
    'no number',
    step('{ name: a, run: b, hold: { until: {}, max: 1m } }'),
    '10:32 is missing: expected a whole number (requests)',
  ],
  [
    'no end',
    step('{ name: a, run: b, hold: { until: { requests: 5 } } }'),
    '10:24 is missing: expected a duration such as `5s`, `250ms` or `1m30s`',
  ],
  ['a number without a unit', step('{ name: a, run: b, hold: 5 }'), '10:30 `5` has no unit: write `5s` (or `5ms`)'],
  [
    'a list',
    step('{ name: a, run: b, hold: [5s] }'),
    '10:30 expected a duration such as `30s`, or `{ until: { requests: 500 }, max: 10m }`, got a list',
  ],
  [
    'an unknown flow',
    step('{ name: a, run: b, hold: { until: { requests: 5, flow: GET }, max: 1m } }'),
    '10:60 there is no flow `GET`',
  ],
  [
    'a version that cannot be told',
    step('{ name: a, run: b, hold: { until: { requests: 5, version: v2 }, max: 1m } }'),
    '10:54 no version can be told: the target declares none',
  ],
  [
    'more than can come',
    step('{ name: a, run: b, hold: { until: { requests: 5000 }, max: 20s } }'),
    '10:51 5,000 requests do not come in 20.0 s: at most 4,000 are due',
  ],
];

const HOOKS: Case[] = [
  [
    'no hook',
    more('on: []'),
    '11:5 is an empty list; it needs at least one entry (hooks such as `{ event: rolled-back, run: ./notify.sh }`)',
  ],
  [
    'an unknown event',
    more('on: [{ event: rolledback, run: a }]'),
    '11:15 expected one of `rolled-back`, `rollback-failed`, `downtime`, `inconclusive`, `finished`, got `rolledback`',
  ],
  ['no command', more('on: [{ event: finished }]'), '11:6 is missing: expected a shell script or a list of words'],
  [
    'a time beyond any patience',
    more('on: [{ event: finished, run: a, timeout: 1h }]'),
    '11:42 `1h` is too long: at most 10 min 00 s',
  ],
  [
    'a variable of ours',
    more('on: [{ event: finished, run: a, env: { ZDD_VERDICT: x } }]'),
    '11:40 `ZDD_VERDICT` is set by zdd-verify itself; choose another name',
  ],
  [
    'an expression of ours in a script',
    more('on: [{ event: finished, run: "echo ${secret:X}" }]'),
    '11:36 `${secret:X}` is not put into a shell script, which is run as it stands',
  ],
];

const REQUIRE: Case[] = [
  ['nothing', more('require: [{}]'), '11:11 asks for nothing: give `env`, `command` or `url`'],
  [
    'no name of a variable',
    more('require: { env: [A, B-C] }'),
    '11:21 `B-C` is no name of a variable: letters, digits and `_`, no digit first',
  ],
  ['an expectation of nothing', more('require: { env: A, expect: 200 }'), '11:20 `expect` goes with `url`'],
  ['a host of nothing', more('require: { env: A, on: web1 }'), '11:20 `on` goes with `command`'],
  ['an unknown host', more('require: { command: nginx -t, on: web1 }'), '11:35 there is no host `web1`'],
  [
    'a path in place of a URL',
    more('require: { url: /healthz }'),
    '11:17 expected a URL such as `http://127.0.0.1:9000/healthz`, got `/healthz`',
  ],
  [
    'credentials in the URL',
    more('require: { url: "http://a:b@127.0.0.1/" }'),
    '11:17 credentials do not belong in the URL, which every report shows',
  ],
  ['an unknown key', more('require: { env: A, comand: b }'), '11:20 unknown key `comand`; did you mean `command`?'],
];

const RELEASE: Case[] = [
  ['a name alone', more('release: v2'), '11:10 expected `{ name, git, url }`, got `v2`'],
  [
    'a URL of another kind',
    more('release: { url: "ftp://a" }'),
    '11:17 expected an `http:` or `https:` URL without credentials, got `ftp://a`',
  ],
];

describe.each([
  ['hosts', HOSTS],
  ['wait', WAIT],
  ['a hold for requests', HOLD],
  ['hooks', HOOKS],
  ['requirements', REQUIRE],
  ['what is released', RELEASE],
] as const)('a fault in %s', (_, cases) => {
  it.each(cases)('is said where it stands, and nothing else: %s', async (_, content, says) => {
    const error = await failure(content);
    expect(told(error)).toEqual([expect.stringContaining(says)]);
    expect(told(error)[0]!.startsWith(says.slice(0, says.indexOf(' ') + 1))).toBe(true);
  });
});

describe('a scenario', () => {
  it('reaches hosts by ssh, and runs steps and required commands there', async () => {
    const { hosts, steps, requirements, dir } = await load(
      `${step('{ name: a, run: b, on: web1, cwd: app }')}hosts:
  web1: { ssh: deploy@10.0.1.10 }
  web2: { ssh: { destination: web2, port: 2222, identity: keys/id, options: [-J, bastion] } }
require: { command: nginx -t, on: web2 }
`,
    );
    const [web1, web2] = hosts;
    expect(web1).toMatchObject({ name: 'web1', destination: 'deploy@10.0.1.10' });
    expect(web1!.shell.slice(-3)).toEqual(['--', 'deploy@10.0.1.10', 'exec sh -s']);
    expect(web2!.shell.join(' ')).toContain(`-J bastion `);
    expect(web2!.shell.join(' ')).toContain(`-p 2222 -i ${join(dir, 'keys/id')}`);
    expect(steps[0]).toMatchObject({ host: { name: 'web1', shell: web1!.shell }, cwd: 'app' });
    expect(requirements).toEqual([
      { kind: 'command', run: 'nginx -t', host: { name: 'web2', shell: web2!.shell }, timeoutMs: 30_000 },
    ]);
  });

  it('waits for a version by the first reading flow of the mix', async () => {
    const { steps } = await load(
      versioned('{ name: sync, wait: { version: "${RELEASE}" }, within: 45m }\nvars: { RELEASE: v2 }'),
    );
    expect(steps[0]).toMatchObject({
      kind: 'custom',
      run: null,
      ready: {
        consecutive: 20,
        withinMs: 2_700_000,
        intervalMs: 100,
        checks: [
          { method: 'GET', path: '/', version: { expected: 'v2', from: { from: 'header', name: 'x-release' } } },
        ],
      },
    });
  });

  it('waits for checks, and for a version where it says to ask', async () => {
    const { steps } = await load(
      versioned(
        '{ name: sync, wait: [{ version: /v2.*/, get: /healthz, consecutive: 5 }, { get: "http://127.0.0.1:9/up" }] }',
      ),
    );
    expect(steps[0]!.ready).toMatchObject({ consecutive: 5, withinMs: 600_000 });
    expect(steps[0]!.ready!.checks).toMatchObject([
      { path: '/healthz', version: { expected: /v2.*/ } },
      { path: 'http://127.0.0.1:9/up', version: null },
    ]);
  });

  it('holds until enough requests of a version were seen', async () => {
    const { steps } = await load(
      versioned('{ name: canary, run: a, hold: { until: { requests: 500, version: v2, flow: GET / }, max: 10m } }'),
    );
    expect(steps[0]).toMatchObject({
      holdMs: 600_000,
      holdUntil: { requests: 500, version: 'v2', flow: 'GET /' },
    });
  });

  it("has hooks, with the scenario's folder and a time of their own", async () => {
    const { hooks, dir } = await load(
      more(
        'on:\n  - { event: rolled-back, run: ./notify.sh, cwd: alerts, env: { ROOM: 7 }, timeout: 5s }\n  - { event: finished, run: [echo, "${A}"] }\nvars: { A: b }',
      ),
    );
    expect(hooks).toEqual([
      { event: 'rolled-back', run: './notify.sh', cwd: join(dir, 'alerts'), env: { ROOM: '7' }, timeoutMs: 5000 },
      { event: 'finished', run: ['echo', 'b'], cwd: null, env: {}, timeoutMs: 30_000 },
    ]);
  });

  it('requires variables, commands and URLs, in one mapping or in a list', async () => {
    const { requirements } = await load(
      more('require: { env: [A, B], command: [nginx, -t], url: "http://127.0.0.1:8080/up", expect: 204 }'),
    );
    expect(requirements).toEqual([
      { kind: 'env', name: 'A' },
      { kind: 'env', name: 'B' },
      { kind: 'command', run: ['nginx', '-t'], host: null, timeoutMs: 30_000 },
      {
        kind: 'url',
        check: expect.objectContaining({
          path: 'http://127.0.0.1:8080/up',
          endpoint: endpointOf('http://127.0.0.1:8080'),
          expect: { statuses: [204], body: null, json: [], headers: [] },
        }),
      },
    ]);
    expect((await load(more('require: [{ env: A }, { env: B }]'))).requirements).toHaveLength(2);
  });

  it('says what is released; an empty text is as good as none', async () => {
    const { release } = await load(more('release: { name: "${R:-v2}", git: "${GIT_SHA:-}" }'));
    expect(release).toEqual({ name: 'v2', git: null, gitFrom: null, url: null });
    expect((await load(more('release: { git: abc }'))).release).toMatchObject({ git: 'abc', gitFrom: 'scenario' });
  });

  it('in its effective form is the same again', async () => {
    const content = `${versioned('{ name: canary, run: a, on: web1, hold: { until: { requests: 500, version: v2 }, max: 10m } }')}  - { name: sync, wait: { version: v2 } }
  - { name: up, wait: [{ get: /up }, { get: /healthz, consecutive: 4 }], within: 1m }
hosts: { web1: { ssh: deploy@a } }
require: { env: [PATH], command: nginx -t }
release: { name: v2 }
on: [{ event: downtime, run: "echo $ZDD_VERDICT" }]
`;
    const first = await load(content);
    const again = await load(stringify(first.effective));
    for (const key of ['hosts', 'steps', 'requirements', 'release'] as const) expect(again[key]).toEqual(first[key]);
    expect(again.hooks).toEqual(first.hooks);
    expect(again.effective).toEqual(first.effective);
    expect(dirname(first.file ?? '')).toBe(first.dir);
  });
});
