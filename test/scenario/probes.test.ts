import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { PROBES, type ProbeName } from '../../src/model/probe.js';
import type { PlanOf } from '../../src/probes/plan.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { failure, load, MINIMAL, told, withLine } from './scenarios.js';

const PLAIN = { headers: {}, body: null, expect: { statuses: null, body: null, json: [], headers: [] } };
const GET = { method: 'GET', path: '/', ...PLAIN };

/** MINIMAL with one probe. */
const probing = (text: string, base = MINIMAL) => `${base}probes: { ${text} }\n`;

function planOf<Name extends ProbeName>({ probes }: Scenario, name: Name): PlanOf<Name> | undefined {
  return probes?.probes.find((each): each is PlanOf<Name> => each.probe === name);
}

describe('a probe of the least', () => {
  it('gets the defaults of the contract', async () => {
    const { probes, traffic } = await load(
      probing(
        [
          'idle: {}, inflight: { get: /slow }, upload: { post: /up }, websocket: { path: /ws }, sse: { path: /events }',
          'assets: { page: / }, session: { login: { post: /login }, check: { get: /me } }',
          'ledger: { write: { post: /orders }, read: { get: "/orders/{id}" } }',
          'twin: { url: "http://127.0.0.1:3001" }, control: { url: "http://127.0.0.1:9000/app" }',
        ].join(', '),
      ),
    );
    const [endpoint] = traffic.endpoints;
    const success = { ...PLAIN.expect, statuses: Array.from({ length: 100 }, (_, index) => 200 + index) };
    const at = (name: string, origin: string) => ({ ...endpoint, name, origin });
    expect(probes).toEqual({
      endpoint,
      timeoutMs: 5000,
      version: null,
      client: 'strict',
      blocked: [],
      probes: [
        { probe: 'idle', connections: 50, request: GET },
        { probe: 'inflight', request: { ...GET, path: '/slow' }, everyMs: 500 },
        {
          probe: 'upload',
          request: { ...PLAIN, method: 'POST', path: '/up', expect: success },
          bytes: 1_048_576,
          overMs: 3000,
          everyMs: 3000,
          digest: null,
        },
        { probe: 'websocket', path: '/ws', headers: {}, connections: 2, everyMs: 500, timeoutMs: 5000 },
        { probe: 'sse', path: '/events', headers: {}, connections: 1, gapMs: 0 },
        { probe: 'assets', page: '/', headers: {}, everyMs: 1000, most: 50 },
        {
          probe: 'session',
          login: { ...PLAIN, method: 'POST', path: '/login' },
          check: { ...GET, path: '/me', expect: success },
          everyMs: 1000,
          sessions: 3,
          token: null,
        },
        {
          probe: 'ledger',
          write: { ...PLAIN, method: 'POST', path: '/orders' },
          read: { ...GET, path: '/orders/{id}', expect: success },
          list: null,
          id: { from: 'json', path: '$.id' },
          everyMs: 200,
          keyHeader: 'idempotency-key',
        },
        { probe: 'twin', endpoint: at('twin', 'http://127.0.0.1:3001'), request: GET, everyMs: 200 },
        {
          probe: 'control',
          endpoint: at('control', 'http://127.0.0.1:9000'),
          request: { ...GET, path: '/app/' },
          everyMs: 200,
        },
      ],
    });
    expect(probes?.probes.map(({ probe }) => probe)).toEqual([...PROBES]);
  });

  it('is none in a scenario without', async () => {
    expect((await load(`${MINIMAL}probes: {}\n`)).probes).toBeNull();
  });
});

describe('a probe in full', () => {
  it('says sizes, times, places and what to expect', async () => {
    const scenario = await load(
      probing(
        [
          'upload: { put: /up, size: 64KiB, over: 1s, every: 5s, digest: { header: X-Sha }, expect: 201, headers: { a: b } }',
          'session: { login: { post: /login, json: { user: a } }, check: { get: /me, expect: { status: 204 } }, token: { json: $.token } }',
          'ledger: { write: { post: /o, json: { key: "{key}" } }, read: { get: "/o/{key}" }, list: { get: /o }, id: { header: Location }, keyHeader: none }',
          'control: { url: "http://127.0.0.1:9000", head: /up, headers: { a: b }, every: 1s }',
        ].join(', '),
      ),
    );
    expect(planOf(scenario, 'upload')).toMatchObject({
      bytes: 65_536,
      overMs: 1000,
      everyMs: 5000,
      digest: { from: 'header', name: 'x-sha' },
      request: { method: 'PUT', headers: { a: 'b' }, expect: { statuses: [201] } },
    });
    expect(planOf(scenario, 'session')).toMatchObject({
      login: { body: '{"user":"a"}' },
      check: { expect: { statuses: [204] } },
      token: { from: 'json', path: '$.token' },
    });
    expect(planOf(scenario, 'ledger')).toMatchObject({
      write: { body: '{"key":"{key}"}' },
      list: { path: '/o' },
      id: { from: 'header', name: 'location' },
      keyHeader: null,
    });
    expect(planOf(scenario, 'control')).toMatchObject({
      request: { method: 'HEAD', headers: { a: 'b' } },
      everyMs: 1000,
    });
  });

  it('is the same when the effective scenario is loaded again', async () => {
    const content = probing(
      'idle: { connections: 3 }, upload: { post: /up, over: 1s, digest: body }, sse: { path: /e, gap: 5s }, twin: { url: "http://127.0.0.1:1", every: 1s }',
      withLine(6, '  rate: 5/s\n  blocked: [429, { status: 403, header: { server: /waf/i } }]'),
    );
    const first = await load(content);
    const again = await load(stringify(first.effective));
    expect(again.probes).toEqual(first.probes);
    expect(again.traffic).toEqual(first.traffic);
    expect(first.probes?.blocked).toEqual([
      { status: 429, headers: [] },
      { status: 403, headers: [{ name: 'server', value: /waf/i }] },
    ]);
  });
});

describe('the request of a probe', () => {
  const target = '  url: http://127.0.0.1:8080/shop\n  headers: { authorization: secret }';
  const withFlow = (flow: string) => withLine(4, target).replace('{ get: / }', flow);

  it('is the first reading flow of the mix where none is given', async () => {
    const mix =
      '{ post: /orders }\n    - { get: "/${seq}" }\n    - { name: home, head: /up, headers: { a: b }, expect: 204 }';
    const scenario = await load(probing('idle: {}, twin: { url: "http://127.0.0.1:3001/back" }', withFlow(mix)));
    expect(planOf(scenario, 'idle')?.request).toMatchObject({
      method: 'HEAD',
      path: '/shop/up',
      headers: { authorization: 'secret', a: 'b' },
    });
    // Nothing that the scenario says to the target is said elsewhere.
    expect(planOf(scenario, 'twin')?.request).toMatchObject({
      method: 'HEAD',
      path: '/back/up',
      headers: {},
      expect: { statuses: [204] },
    });
  });

  it('carries the target’s headers to the target’s own origin alone', async () => {
    const content = probing(
      'twin: { url: "http://127.0.0.1:8080", resolve: 127.0.0.2, headers: { a: b } }, control: { url: "http://127.0.0.1:8081", get: / }, websocket: { path: /ws }',
      withLine(4, target),
    );
    const scenario = await load(content);
    expect(planOf(scenario, 'twin')).toMatchObject({
      endpoint: { address: '127.0.0.2' },
      request: { path: '/', headers: { authorization: 'secret', a: 'b' } },
    });
    expect(planOf(scenario, 'control')?.request.headers).toEqual({});
    expect(planOf(scenario, 'websocket')).toMatchObject({ path: '/shop/ws', headers: { authorization: 'secret' } });
  });

  it('is missing where the mix only writes', async () => {
    const error = await failure(
      probing('idle: {}, control: { url: "http://127.0.0.1" }', withLine(8, '    - { post: / }')),
    );
    expect(told(error)).toEqual([
      expect.stringContaining('11:17 has no request, and the mix has no reading flow'),
      expect.stringContaining('11:30 has no request, and the mix has no reading flow'),
    ]);
  });

  it.each([
    'upload: { post: /up }',
    'session: { login: { post: /login }, check: { get: /me } }',
    'ledger: { write: { post: /o }, read: { get: "/o/{id}" } }',
    'control: { url: "https://other.example.com", post: / }',
  ])('needs permission to write in public: %s', async (probe) => {
    const base = withLine(4, '  url: https://example.com');
    expect((await failure(probing(probe, base))).code).toBe('WRITES_NOT_ALLOWED');
    await expect(load(probing(probe, `${base}`.replace('.com', '.com\n  allowWrites: true')))).resolves.toBeDefined();
  });
});

describe('a probe with a fault', () => {
  it.each([
    ['idel: {}', '11:11', 'unknown key `idel`; did you mean `idle`?'],
    ['idle: { connections: 0 }', '11:32', 'too small'],
    ['idle: { count: 5 }', '11:19', 'unknown key `count`'],
    ['idle: { get: /a, post: /b }', '11:17', 'has 2 methods'],
    ['idle: { headers: {} }', '11:17', 'has no method'],
    ['twin: { url: "http://127.0.0.1", expect: 204 }', '11:17', 'has no method'],
    ['inflight: {}', '11:21', 'has no method'],
    ['inflight: { get: slow }', '11:28', 'begins with `/`'],
    ['inflight: { get: /slow, every: 1 }', '11:42', 'has no unit'],
    ['inflight: { get: /slow, every: 1ms }', '11:42', 'too short'],
    ['upload: { size: 1MiB }', '11:19', 'has no method'],
    ['upload: { get: / }', '11:21', 'unknown key `get`'],
    ['upload: { post: /, size: 5 }', '11:36', 'expected a size such as `64KiB`'],
    ['upload: { post: /, size: 2000MiB }', '11:36', 'too large: at most 1024MiB'],
    ['upload: { post: /, digest: sha }', '11:38', 'or `body`, got `sha`'],
    ['upload: { post: /, digest: {} }', '11:38', 'exactly one of `json` and `header`'],
    ['upload: { post: /, digest: { json: "$[" } }', '11:46', 'is no JSON path'],
    ['websocket: {}', '11:11', 'is missing: expected a path'],
    ['websocket: { path: "/w s" }', '11:30', 'no spaces'],
    ['websocket: { path: /ws, headers: { Connection: close } }', '11:46', 'is set by zdd-verify'],
    ['sse: { path: /e, gap: 5 }', '11:33', 'has no unit'],
    ['assets: { page: home }', '11:27', 'begins with `/`'],
    ['assets: { page: /, most: 5000 }', '11:36', 'too large'],
    ['session: { login: { post: / } }', '11:11', 'is missing: expected a request'],
    ['session: { login: { post: / }, check: {} }', '11:49', 'has no method'],
    ['session: { login: { post: / }, check: { get: / }, token: { json: $.a, header: b } }', '11:68', 'exactly one of'],
    ['ledger: { write: { get: / }, read: { get: "/{id}" } }', '11:28', 'a write has a method that writes'],
    ['ledger: { write: { post: / }, read: { get: / } }', '11:47', 'would be the same for every write'],
    ['ledger: { write: { post: / }, read: { get: "/{id}" }, keyHeader: "a b" }', '11:76', 'is no name of a header'],
    ['twin: { get: / }', '11:11', 'is missing: expected a URL'],
    ['twin: { url: here }', '11:24', 'expected a URL'],
    ['control: { url: "http://127.0.0.1", tls: {} }', '11:47', '`tls` has no meaning'],
    ['control: { url: "http://127.0.0.1", resolve: here }', '11:56', 'expected an IP address'],
  ])('says where it lies: %s', async (probe, place, says) => {
    const error = await failure(probing(probe));
    expect(error.problems, error.message).toHaveLength(1);
    expect(error.message).toContain(`scenario.yaml:${place}: `);
    expect(error.message).toContain(says);
  });
});

describe('answers of rate limiters', () => {
  const blocked = (text: string) => withLine(6, `  rate: 5/s\n  blocked: ${text}`);

  it('are none by default', async () => {
    expect((await load(MINIMAL)).traffic.blocked).toEqual([]);
  });

  it.each([
    ['429', '7:12', 'expected a list'],
    ['[200]', '7:13', 'at least 400'],
    ['[{ status: 200 }]', '7:13', 'every answer with status 200 would count as blocked'],
    ['[{ status: 403, header: { "a b": c } }]', '7:38', 'is no name of a header'],
    ['[{ header: { server: x } }]', '7:13', 'is missing: expected a whole number'],
  ])('are refused as %s', async (text, place, says) => {
    const error = await failure(blocked(text));
    expect(error.problems, error.message).toHaveLength(1);
    expect(error.message).toContain(`scenario.yaml:${place}: `);
    expect(error.message).toContain(says);
  });
});

describe('thresholds on probes', () => {
  const base = probing('idle: {}, websocket: { path: /ws }, twin: { url: "http://127.0.0.1:1" }');

  it('hold by default for what users lose, and warn of what they might have lost', async () => {
    const { thresholds } = await load(base);
    const ofProbes = thresholds.filter(({ metric }) => /^(?:idle|websocket|twin)_/.test(metric));
    expect(ofProbes.map(({ metric, expression, level }) => `${metric} ${expression} ${level}`)).toEqual([
      'idle_closed_unannounced count==0 warn',
      'idle_failed count==0 fail',
      'websocket_lost count==0 fail',
      'websocket_failed count==0 fail',
      'websocket_disconnects count==0 warn',
    ]);
  });

  it('replace the default where the user gives one', async () => {
    const { thresholds } = await load(
      `${base}thresholds: { websocket_disconnects: "count<=2", "websocket_reconnect{step:switch}": ["p(99)<2s", "med<500"] }\n`,
    );
    expect(thresholds.filter(({ metric }) => metric === 'websocket_disconnects')).toMatchObject([
      { value: 2, level: 'fail', origin: 'user' },
    ]);
    expect(thresholds.filter(({ metric }) => metric === 'websocket_reconnect')).toMatchObject([
      { aggregate: { p: 99 }, value: 2000, selector: { step: 'switch' } },
      { aggregate: 'med', value: 500 },
    ]);
  });

  it.each([
    ['sse_lost: "count==0"', 'the scenario has no probe `sse`'],
    ['websocket_lots: "count==0"', 'there is no metric `websocket_lots`; did you mean `websocket_lost`?'],
    ['websocket_lost: "rate==0"', '`rate` says nothing of `websocket_lost`, which has `count`'],
    ['websocket_reconnect: "count==0"', '`count` says nothing of `websocket_reconnect`'],
    ['"websocket_lost{flow:a}": "count==0"', 'cannot be narrowed down by `flow`'],
    ['blocked: "max<1"', '`max` says nothing of `blocked`'],
  ])('are refused as %s', async (threshold, says) => {
    const error = await failure(`${base}thresholds: { ${threshold} }\n`);
    expect(error.problems, error.message).toHaveLength(1);
    expect(error.message).toContain(says);
  });
});
