import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { constantRate } from '../../src/model/rate.js';
import { loadScenario } from '../../src/scenario/load.js';
import { endpointOf } from '../../src/wire/endpoint.js';
import { failure, fileOf, load, MINIMAL, thrownBy, told, withLine } from './scenarios.js';

describe('a scenario of the least', () => {
  it('gets the defaults of the contract', async () => {
    const scenario = await load(MINIMAL);
    expect(scenario).toMatchObject({
      name: 'shop',
      runbook: null,
      vars: {},
      target: { url: 'http://127.0.0.1:8080', allowWrites: false },
      version: { declared: false, changes: true },
      warmupMs: 2000,
      baselineMs: 30_000,
      setup: [],
      teardown: [],
      rollback: [],
      rehearsal: 'none',
      maxDurationMs: 3_600_000,
      outputDir: 'reports',
      secrets: [],
    });
    expect(scenario.traffic).toEqual({
      endpoints: [endpointOf('http://127.0.0.1:8080')],
      timeoutMs: 5000,
      streams: [{ name: '', rate: constantRate(200) }],
      arrival: 'even',
      seed: null,
      threads: 1,
      keepaliveShare: 0.8,
      pool: 20,
      client: 'strict',
      maxInFlight: 1600,
      lateLimitMs: 500,
      version: null,
      feeds: [],
      blocked: [],
      flows: [
        {
          name: 'GET /',
          weight: 1,
          stream: 0,
          endpoint: 0,
          template: null,
          clients: 0,
          method: 'GET',
          path: '/',
          headers: {},
          body: null,
          expect: { statuses: null, body: null, json: [], headers: [] },
        },
      ],
    });
    expect(scenario.probes).toBeNull();
    expect(scenario.steps).toEqual([
      {
        name: 'switch',
        kind: 'switch',
        run: './switch.sh',
        host: null,
        cwd: null,
        env: {},
        timeoutMs: 600_000,
        ready: null,
        holdMs: null,
        holdUntil: null,
        ratePerSec: null,
        migrations: null,
        onFail: null,
      },
    ]);
  });

  it('knows its file, its folder and the digest of its bytes', async () => {
    const file = fileOf(MINIMAL);
    const scenario = await loadScenario(file, { env: {} });
    expect(scenario).toMatchObject({
      file,
      dir: dirname(file),
      sha256: createHash('sha256').update(MINIMAL).digest('hex'),
    });
  });
});

describe('a scenario in full', () => {
  it('reads flows, bodies, headers and expectations', async () => {
    const { traffic } = await load(`version: 1
name: shop
target:
  url: http://127.0.0.1:8080/shop/
  headers: { X-Team: blue, Accept: text/html }
  version: { body: "v(\\\\d+)" }
traffic:
  rate: 90/m
  connections: { fresh: 30% }
  client: browser
  mix:
    - name: order
      post: /orders?x=1
      headers: { accept: application/json }
      json: { sku: A1, n: [1, 2] }
      expect:
        status: [201, 409]
        body: { contains: "/id/", matches: /ok/i }
        json: { "$.state": /^(new|old)$/, "$.n": 1, "$.deep": [/a/, { b: null }] }
        header: { Content-Type: /json/, x: plain, path: /api/items }
steps: [{ name: a, run: b }]
`);
    expect(traffic).toMatchObject({ keepaliveShare: 0.7, client: 'browser', maxInFlight: 112 });
    expect(traffic.streams).toEqual([{ name: '', rate: constantRate(1.5) }]);
    expect(traffic.version).toEqual({ from: 'body', pattern: /v(\d+)/ });
    expect(traffic.flows).toEqual([
      {
        name: 'order',
        weight: 1,
        stream: 0,
        endpoint: 0,
        template: null,
        clients: 0,
        method: 'POST',
        path: '/shop/orders?x=1',
        headers: { 'x-team': 'blue', accept: 'application/json', 'content-type': 'application/json' },
        body: '{"sku":"A1","n":[1,2]}',
        expect: {
          statuses: [201, 409],
          body: { contains: '/id/', matches: /ok/i },
          json: [
            { path: '$.state', value: /^(new|old)$/ },
            { path: '$.n', value: 1 },
            { path: '$.deep', value: [/a/, { b: null }] },
          ],
          headers: [
            { name: 'content-type', value: /json/ },
            { name: 'x', value: 'plain' },
            { name: 'path', value: '/api/items' },
          ],
        },
      },
    ]);
  });

  it('takes numbers by the letter where a text is wanted, and as numbers elsewhere', async () => {
    const { vars, steps, traffic } = await load(
      `${withLine(
        8,
        '    - { post: /, headers: { x: 1.10 }, json: { env: { a: 1.10 } }, expect: { header: { v: 2.0 } } }',
      ).replace(
        'run: ./switch.sh',
        'run: [kill, -9, 0123], env: { V: 1.0 }',
      )}vars: { V: 1.10, SHA: 12e4567, ON: True }\n`,
    );
    expect(vars).toEqual({ V: '1.10', SHA: '12e4567', ON: 'True' });
    expect(steps[0]).toMatchObject({ run: ['kill', '-9', '0123'], env: { V: '1.0' } });
    expect(traffic.flows[0]).toMatchObject({
      headers: { x: '1.10' },
      body: '{"env":{"a":1.1}}',
      expect: { headers: [{ value: '2.0' }] },
    });
  });

  it('puts steps where their kinds belong, and takes the rollback from either place', async () => {
    const steps = `  - { name: db, kind: setup, run: a }
  - { name: build, run: a }
  - { name: ship it, run: [a, b], cwd: sub, env: { N: 1 }, timeout: 1m, hold: 0s, onFail: abort }
  - { name: back, kind: rollback, run: a }
  - { name: teardown, run: a }`;
    const scenario = await load(MINIMAL.replace(/ {2}- \{ name: switch.*/, steps));
    const names = ({ name, kind }: { name: string; kind: string }) => `${name}: ${kind}`;
    expect(scenario.setup.map(names)).toEqual(['db: setup']);
    expect(scenario.steps.map(names)).toEqual(['build: build', 'ship it: custom']);
    expect(scenario.rollback.map(names)).toEqual(['back: rollback']);
    expect(scenario.teardown.map(names)).toEqual(['teardown: teardown']);
    expect(scenario.rehearsal).toBe('rollback');
    expect(scenario.steps[1]).toMatchObject({
      run: ['a', 'b'],
      cwd: join(scenario.dir, 'sub'),
      env: { N: '1' },
      timeoutMs: 60_000,
      holdMs: 0,
      onFail: 'abort',
    });
  });

  it('names a rollback without a name', async () => {
    const { rollback } = await load(`${MINIMAL}rollback: { run: ./back.sh }\n`);
    expect(rollback).toMatchObject([{ name: 'rollback', kind: 'rollback' }]);
  });

  it('opens a gate by one check or several, and sends the target’s headers to the target alone', async () => {
    const ready =
      '[{ get: /healthz, within: 5s }, { head: "https://other.example/up" }, { get: "http://127.0.0.1:8080/up", consecutive: 7 }]';
    const { steps } = await load(
      withLine(4, '  url: http://127.0.0.1:8080\n  headers: { authorization: abcd }').replace(
        './switch.sh',
        `./s, ready: ${ready}`,
      ),
    );
    expect(steps[0]?.ready).toMatchObject({ consecutive: 7, withinMs: 5000, intervalMs: 100 });
    expect(steps[0]?.ready?.checks.map(({ path, headers }) => [path, headers])).toEqual([
      ['/healthz', { authorization: 'abcd' }],
      ['https://other.example/up', {}],
      ['http://127.0.0.1:8080/up', { authorization: 'abcd' }],
    ]);
  });

  it('gives up on arrivals later than half the stall limit', async () => {
    const { traffic } = await load(
      `${MINIMAL}thresholds: { stall: ["max<3s", { threshold: max<1ms, level: warn }] }\n`,
    );
    expect(traffic.lateLimitMs).toBe(1500);
  });

  it('says of each threshold where it stands', async () => {
    const content = `${MINIMAL}thresholds:\n  latency:\n    - p(99)<5\n    - threshold: p(95)<5\n`;
    const file = fileOf(content);
    const { thresholds } = await loadScenario(file, { env: {} });
    expect(thresholds.filter(({ origin }) => origin === 'user').map(({ source }) => source)).toEqual([
      { file, line: 13 },
      { file, line: 14 },
    ]);
  });

  it('lets writes through where the target is private or they are allowed', async () => {
    const post = (url: string) => withLine(4, `  url: ${url}`).replace('get: /', 'post: /');
    await expect(load(post('http://10.1.2.3'))).resolves.toBeDefined();
    await expect(load(post('https://example.com\n  allowWrites: true'))).resolves.toBeDefined();
  });
});

describe('a scenario in another form', () => {
  const OBJECT = `{ version: 1, name: 'shop', target: { url: 'http://127.0.0.1:8080' }, traffic: { rate: '5/s', mix: [{ get: '/' }] }, steps: [{ name: 'a', run: 'b' }] }`;

  it('is read from JSON, with places', async () => {
    const content = JSON.stringify(
      {
        version: 1,
        name: 'shop',
        target: { url: 'http://127.0.0.1' },
        traffic: { rate: 5, mix: [{ get: '/' }] },
        steps: [{ name: 'a', run: 'b' }],
      },
      null,
      2,
    );
    await expect(load(content, { name: 'scenario.json' })).resolves.toMatchObject({ name: 'shop' });
    const error = await failure(content.replace('"rate": 5', '"rate": "x"'), { name: 'scenario.json' });
    expect(told(error)[0]).toMatch(/^8:13 expected a rate/);
  });

  it('is read from a TypeScript module that finds defineScenario and may use RegExp', async () => {
    const content = `import { defineScenario } from 'zdd-verify';
const rate: string = '5/s';
export default defineScenario({ ...${OBJECT}, traffic: { rate, mix: [{ get: '/', expect: { body: { matches: /a$b/i } } }] } });
`;
    const { traffic } = await load(content, { name: 'scenario.ts' });
    expect(traffic.flows[0]?.expect.body?.matches).toEqual(/a$b/i);
  });

  it('fills expressions in modules too', async () => {
    const content = `export default { ...${OBJECT}, name: 'at \${SHA}' };`;
    await expect(load(content, { name: 'scenario.mjs', env: { SHA: 'abc' } })).resolves.toMatchObject({
      name: 'at abc',
    });
  });

  it('carries the path inside the object in its errors', async () => {
    const error = await failure(
      `export default { ...${OBJECT}, traffic: { rate: '5/s', mix: [{ get: '/' }, { get: '/b', weight: 'x' }] } };`,
      { name: 'scenario.mjs' },
    );
    expect(error.message).toContain('scenario.mjs: traffic.mix[1].weight: expected a number');
  });

  it.each([
    ['has no default export', 'export const a = 1;', 'has no default export'],
    ['throws', "throw new Error('no database');", 'cannot be loaded: no database (at 1:'],
    ['is no JavaScript', 'export default {', 'cannot be loaded: '],
    ['holds a function', 'export default { a: [() => 1] };', 'a function is not data'],
    ['holds itself', 'const a = {}; a.a = a; export default a;', 'an object that contains itself'],
    ['holds an instance', 'export default { a: new Date(0) };', 'an instance of Date is not data'],
  ])('is refused where a module %s', async (_, content, says) => {
    const error = await failure(content, { name: 'scenario.mjs' });
    expect(error.message).toContain(says);
  });

  it.each([
    ['does not exist', '/nowhere/scenario.yaml', 'does not exist'],
    ['is a folder', `${import.meta.dirname}/folder.yaml`, 'does not exist'],
    ['has another kind of name', '/etc/passwd', 'ends in .yaml'],
    ['is a device', '/dev/null.yaml', 'does not exist'],
  ])('is refused where the file %s', async (_, file, says) => {
    const error = await thrownBy(loadScenario(file, { env: {} }));
    expect([error.code, error.message]).toEqual(['SCENARIO_UNREADABLE', expect.stringContaining(says)]);
  });

  it('suggests the file that was probably meant', async () => {
    const file = fileOf(MINIMAL, 'canary.yaml');
    const error = await thrownBy(loadScenario(join(dirname(file), 'canray.yaml'), { env: {} }));
    expect(error.message).toContain('did you mean `canary.yaml`?');
  });
});

describe('--set', () => {
  it('beats vars, which beat the environment', async () => {
    const content = `${MINIMAL}vars: { A: "\${A:-none}", B: from vars, C: "\${B}+\${D}" }\n`;
    const { vars } = await load(content, { set: ['B=from set'], env: { A: 'from env', B: 'env', D: 'd' } });
    expect(vars).toEqual({ A: 'from env', B: 'from set', C: 'from set+d' });
  });

  it('changes fields by their path', async () => {
    const scenario = await load(MINIMAL, {
      set: [
        'traffic.rate=50/s',
        'traffic.mix[0].weight=3',
        'warmup=1s',
        'target.allowWrites=true',
        'outputs.dir=out',
        'vars.X=1',
      ],
    });
    expect(scenario).toMatchObject({
      warmupMs: 1000,
      outputDir: 'out',
      target: { allowWrites: true },
      vars: { X: '1' },
      traffic: { streams: [{ rate: constantRate(50) }], flows: [{ weight: 3 }] },
    });
  });

  it('leaves the text alone where the format wants text, whatever it looks like', async () => {
    const content = MINIMAL.replace('run: ./switch.sh', 'run: ./switch.sh, ready: { get: /up }');
    const digits = fc.stringMatching(/^(?:-?0{0,2}\d{1,20}(?:\.\d{0,4})?|true|false)$/);
    await fc.assert(
      fc.asyncProperty(digits, async (text) => {
        const set = [
          'steps[0].env.RELEASE',
          'target.headers.x-build',
          'traffic.mix[0].headers.x-build',
          'steps[0].ready.expect.header.x-build',
        ].map((place) => `${place}=${text}`);
        const { steps, traffic } = await load(content, { set });
        expect(steps[0]?.env).toEqual({ RELEASE: text });
        expect(traffic.flows[0]?.headers).toEqual({ 'x-build': text });
        expect(steps[0]?.ready?.checks[0]).toMatchObject({
          headers: { 'x-build': text },
          expect: { headers: [{ name: 'x-build', value: text }] },
        });
      }),
      { numRuns: 50 },
    );
  });

  it('makes a number only of what is written as one', async () => {
    const content = MINIMAL.replace('get: /', 'post: /, json: { n: 0 }');
    for (const [text, body] of [
      ['7', '{"n":7}'],
      ['-1.5', '{"n":-1.5}'],
      ['007', '{"n":"007"}'],
      ['1.10', '{"n":"1.10"}'],
    ]) {
      const { traffic } = await load(content, { set: [`traffic.mix[0].json.n=${text}`] });
      expect(traffic.flows[0]?.body).toBe(body);
    }
  });

  it('may set a variable that only a script speaks of', async () => {
    const content = MINIMAL.replace('./switch.sh', '"./switch.sh $SHA"');
    await expect(load(content, { set: ['SHA=a$b'] })).resolves.toMatchObject({
      vars: { SHA: 'a$b' },
      steps: [{ run: './switch.sh $SHA' }],
    });
  });

  it.each([
    ['RELAESE=1', '--set RELAESE the scenario knows no variable `RELAESE`; did you mean `RELEASE`?'],
    ['trafic.rate=1', '--set trafic.rate a scenario has no `trafic`; did you mean `traffic`?'],
    ['traffic.rat=1', '--set traffic.rat unknown key `rat`; did you mean `rate`?'],
    ['traffic.rate=x', '--set traffic.rate expected a rate such as `200/s` or `90/m`, got `x`'],
    ['traffic.mix[4].weight=1', '--set traffic.mix[4].weight `traffic.mix` has no item 4 (they count from 0)'],
    ['name.x=1', '--set name.x `name` is not a mapping'],
    ['a b=1', '--set a b `a b` is neither a variable’s name nor a path of the scenario'.replace('’', "'")],
    ['outputs.html=a', '--set outputs.html `html` is not yet supported by this version'],
    ['traffic.__proto__.x=1', '--set traffic.__proto__.x unknown key `__proto__`'],
  ])('is refused as %s', async (entry, says) => {
    const error = await failure(`${MINIMAL}vars: { RELEASE: 1 }\n`, { set: [entry] });
    expect(told(error)).toEqual([says]);
  });

  it('needs a name and a value', async () => {
    const error = await failure(MINIMAL, { set: ['RELEASE'] });
    expect(error.code).toBe('USAGE');
  });
});

describe('the effective scenario', () => {
  const FULL = `version: 1
name: "$$shop \${SHA}"
vars: { SHA: "\${SHA}", KEY: "\${secret:TOKEN}", COST: "5$$" }
target: { url: "http://127.0.0.1:8080", headers: { authorization: "Bearer \${KEY}" }, version: { header: x-release } }
traffic:
  rate: 5/s
  connections: { fresh: 30% }
  mix: [{ get: "/\${SHA}", expect: { body: { matches: "/^\${SHA}$/" } } }, { post: /b, json: { a: "$\${x}" } }]
steps:
  - { kind: build, run: [make, "$$HOME", "\${SHA}"] }
  - { name: switch, run: "echo $SHA \${SHA}", ready: [{ get: /up }, { get: /b, consecutive: 9, expect: { json: { "$.v": "\${baseline.version}" } } }] }
rollback: { run: ./back.sh }
thresholds: { latency: ["p(99)<500"], "outage{step:rollback}": "max<1s" }
`;
  const env = { SHA: 'a$b$', TOKEN: 'hunter2-hunter2' };

  it('is the same scenario when it is loaded again', async () => {
    const first = await load(FULL, { env });
    const again = await load(stringify(first.effective), { env });
    const comparable = ({ sha256: _, file: __, dir: ___, thresholds, ...rest }: typeof first) => ({
      ...rest,
      thresholds: thresholds.map((threshold) => ({ ...threshold, source: null })),
    });
    expect(comparable(again)).toEqual(comparable(first));
  });

  it('names secrets and shows none, however they came in', async () => {
    const { effective, vars, secrets, traffic } = await load(FULL, { env });
    expect(JSON.stringify(effective)).not.toContain('hunter2');
    expect(effective).toMatchObject({
      vars: { KEY: '${secret:TOKEN}' },
      target: { headers: { authorization: 'Bearer ${secret:TOKEN}' } },
    });
    expect(secrets).toEqual(['hunter2-hunter2']);
    expect(vars.KEY).toBe('hunter2-hunter2');
    expect(traffic.flows[0]?.headers.authorization).toBe('Bearer hunter2-hunter2');
  });
});

describe('secrets', () => {
  const content = withLine(4, '  url: http://127.0.0.1\n  headers: { a: "${secret:TOKEN}" }');

  it('come from the file that NAME_FILE names, without its last line break', async () => {
    const file = fileOf('from a file\n', 'token');
    await expect(load(content, { env: { TOKEN_FILE: file } })).resolves.toMatchObject({ secrets: ['from a file'] });
  });

  it('are refused where they are too short to hide', async () => {
    const error = await failure(content, { env: { TOKEN: 'abc' } });
    expect(error.message).toContain('too short to redact safely: at least 4 characters');
    expect(error.code).toBe('SCENARIO_INVALID');
  });

  it('are refused where their file cannot be read', async () => {
    const error = await failure(content, { env: { TOKEN_FILE: '/nowhere/token' } });
    expect(error.message).toContain('TOKEN_FILE names a file that cannot be read');
    expect(error.code).toBe('VARIABLE_MISSING');
  });

  it('may be escaped, and are then neither looked up nor put in', async () => {
    await expect(load(withLine(2, 'name: "$${secret:TOKEN}"'))).resolves.toMatchObject({
      name: '${secret:TOKEN}',
      secrets: [],
    });
  });
});

it('resolves the path of the scenario against the current folder', async () => {
  const file = fileOf(MINIMAL);
  writeFileSync(file, MINIMAL);
  const scenario = await loadScenario(file, { env: {} });
  expect(scenario.file).toBe(resolve(file));
});
