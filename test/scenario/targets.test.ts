import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadScenario } from '../../src/scenario/load.js';
import { expiringSoon } from '../../src/scenario/tls.js';
import { failure, fileOf, load, MINIMAL, thrownBy, told, withLine } from './scenarios.js';

/** Valid for the year 2020. */
const EXPIRED = `-----BEGIN CERTIFICATE-----
MIIBAzCBqgIBATAKBggqhkjOPQQDAjAOMQwwCgYDVQQDDANvbGQwHhcNMjAwMTAx
MDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAOMQwwCgYDVQQDDANvbGQwWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAARr2qX/e1dg6JBb0MiAe4XJDXQ6KgsRhm499Et82UHd
glXXP4qCXQE016OIxgXOCgzcx0BQusX9gFaYAELuOa3zMAoGCCqGSM49BAMCA0gA
MEUCIFqTNTpCO0rl4A4k+pQHG6huK+GVwFoEGEaM/KP7nMghAiEAuhjdbXInvyGg
V6RhS8VLjku/B/CQ65gi4kkq+Gt6BUc=
-----END CERTIFICATE-----
`;

/** Certificates and keys, made by openssl: `ca`, `old` (expired), `own` and `other` with their keys. */
let folder: string;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zdd-test-'));
  const make = (name: string, ...more: string[]) =>
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-subj',
          `/CN=${name}`,
        ],
        ...['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`), ...more],
      ],
      { stdio: 'pipe' },
    );
  for (const name of ['ca', 'own', 'other']) make(name, '-days', '100');
  make('soon', '-days', '10');
  writeFileSync(join(folder, 'old.pem'), EXPIRED);
  const pem = (name: string) => readFileSync(join(folder, name), 'utf8');
  writeFileSync(join(folder, 'bundle.pem'), `# two of them\n${pem('old.pem')}${pem('ca.pem')}`);
  writeFileSync(join(folder, 'broken.pem'), pem('ca.pem').replace(/[A-Za-z]{20}/g, 'A'));
  writeFileSync(
    join(folder, 'locked.key'),
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
  );
});

/** MINIMAL with `https:` and more lines of the target, in the folder of the certificates. */
function secure(...lines: string[]): string {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, withLine(4, ['  url: https://shop.internal', ...lines.map((line) => `  ${line}`)].join('\n')));
  return file;
}

describe('a target', () => {
  it('may be reached over HTTP/2, at an address, and by another name', async () => {
    const file = secure('protocol: h2', 'resolve: 10.0.0.7', 'tls: { ca: bundle.pem, servername: inner }');
    const { traffic } = await loadScenario(file, { env: {} });
    expect(traffic.endpoints).toEqual([
      {
        name: '',
        origin: 'https://shop.internal',
        protocol: 'h2',
        address: '10.0.0.7',
        socketPath: null,
        tls: { ca: readFileSync(join(folder, 'bundle.pem'), 'utf8'), servername: 'inner', cert: null, key: null },
      },
    ]);
  });

  it('may be a Unix socket, from the folder of the scenario on', async () => {
    const { traffic, dir } = await load(withLine(4, '  url: http://shop\n  socket: run/app.sock'));
    expect(traffic.endpoints[0]).toMatchObject({ origin: 'http://shop', socketPath: join(dir, 'run/app.sock') });
  });

  it('may have an IPv6 address', async () => {
    const { traffic, target } = await load(withLine(4, '  url: http://[::1]:8080/shop'));
    expect([traffic.endpoints[0]?.origin, target.url]).toEqual(['http://[::1]:8080', 'http://[::1]:8080/shop']);
  });

  it('may ask for a certificate of the harness, whose key is a secret', async () => {
    const scenario = await loadScenario(secure('tls: { cert: own.pem, key: own.key }'), { env: {} });
    const key = readFileSync(join(folder, 'own.key'), 'utf8');
    expect(scenario.traffic.endpoints[0]?.tls).toMatchObject({
      key,
      cert: readFileSync(join(folder, 'own.pem'), 'utf8'),
    });
    expect(scenario.secrets).toEqual([key]);
    expect(JSON.stringify(scenario.effective)).toContain('"key":"own.key"');
  });

  it.each([
    ['tls: { ca: missing.pem }', '`missing.pem` does not exist'],
    ['tls: { ca: . }', '`.` is not a regular file'],
    ['tls: { ca: scenario.yaml }', 'holds no certificate in PEM'],
    ['tls: { ca: broken.pem }', 'certificate 1 of `broken.pem` cannot be read'],
    ['tls: { ca: old.pem }', 'expired on 2021-01-01'],
    ['tls: { cert: own.pem, key: other.key }', 'is not the key of the certificate'],
    ['tls: { cert: own.pem, key: own.pem }', 'holds no private key'],
    ['tls: { cert: own.pem, key: locked.key }', 'has a passphrase'],
    ['tls: { cert: own.pem }', '`cert` without `key`'],
    ['tls: { servername: 10.0.0.7 }', 'expected a host name'],
    ['resolve: shop.internal', 'expected an IP address'],
    ['resolve: "[::1]"', 'expected an IP address'],
    [`socket: ${'x'.repeat(200)}`, 'at most 107 bytes'],
    ['protocol: h3', 'expected one of `http/1.1`, `h2`'],
  ])('is refused with %s', async (line, says) => {
    const error = await thrownBy(loadScenario(secure(line), { env: {} }));
    expect(error.problems, error.message).toHaveLength(1);
    expect(told(error)[0]).toMatch(/^5:/);
    expect(error.message).toContain(says);
  });

  it.each(['te', 'Upgrade', 'HTTP2-Settings', 'Keep-Alive'])(
    'is sent no header of the connection: %s',
    async (name) => {
      const content = withLine(8, `    - { get: /, headers: { ${name}: x } }`).replace('8080', '8080\n  protocol: h2');
      expect(told(await failure(content))).toEqual([expect.stringContaining(`9:28 \`${name}\` is set by zdd-verify`)]);
    },
  );

  it('is worth a warning where its certificates expire within 14 days', async () => {
    const { traffic } = await loadScenario(secure('tls: { ca: soon.pem, cert: own.pem, key: own.key }'), { env: {} });
    const warnings = traffic.endpoints.flatMap(({ tls }) => expiringSoon(tls));
    expect(warnings).toEqual([expect.stringMatching(/^the certificate in `tls.ca` expires on \d{4}-/)]);
  });

  it('may be written to where connections to it end in a private network', async () => {
    const post = (more: string) => withLine(4, `  url: https://example.com\n  ${more}`).replace('get: /', 'post: /');
    await expect(load(post('resolve: 10.0.0.7'))).resolves.toBeDefined();
    await expect(load(post('socket: app.sock'))).resolves.toBeDefined();
    expect((await failure(post('resolve: 93.184.215.14'))).code).toBe('WRITES_NOT_ALLOWED');
  });
});

const SEVERAL = `version: 1
name: shop
targets:
  web: { url: "http://127.0.0.1:8080/shop", headers: { a: web }, timeout: 2s, version: { header: x-release } }
  api: { url: "http://127.0.0.1:9090/v1", headers: { a: api }, protocol: h2 }
traffic:
  rate: 200/s
  mix:
    - { name: home, get: / }
    - { name: items, get: /items, target: api }
steps:
  - { name: switch, run: a, ready: [{ get: /up }, { get: /up, target: api }, { get: "http://127.0.0.1:9090/x" }, { get: "http://127.0.0.1:1/" }] }
`;

describe('several targets', () => {
  it('each have their own path, headers and way to connect; the first is the main one', async () => {
    const { target, traffic, version } = await load(SEVERAL);
    expect(target).toEqual({ url: 'http://127.0.0.1:8080/shop', allowWrites: false });
    expect(version.declared).toBe(true);
    expect(traffic.timeoutMs).toBe(2000);
    expect(traffic.endpoints.map(({ name, protocol }) => [name, protocol])).toEqual([
      ['web', 'http/1.1'],
      ['api', 'h2'],
    ]);
    expect(traffic.flows).toMatchObject([
      { endpoint: 0, path: '/shop/', headers: { a: 'web' } },
      { endpoint: 1, path: '/v1/items', headers: { a: 'api' } },
    ]);
  });

  it('are asked by readiness checks, each with its own headers', async () => {
    const { steps, traffic } = await load(SEVERAL);
    expect(steps[0]?.ready?.checks.map(({ path, headers, endpoint }) => [path, headers, endpoint])).toEqual([
      ['/shop/up', { a: 'web' }, null],
      ['/v1/up', { a: 'api' }, traffic.endpoints[1]],
      ['http://127.0.0.1:9090/x', { a: 'api' }, traffic.endpoints[1]],
      ['http://127.0.0.1:1/', {}, null],
    ]);
  });

  it('are the same when the effective scenario is loaded again', async () => {
    const first = await load(SEVERAL);
    const again = await load(stringify(first.effective));
    expect(again.traffic).toEqual(first.traffic);
    expect(again.steps).toEqual(first.steps);
  });

  it.each([
    ['target: api }', 'target: ap }', '10:43', 'there is no target `ap`; did you mean `api`?'],
    ['target: api }, {', 'target: db }, {', '12:71', 'there is no target `db`'],
    ['protocol: h2', 'timeout: 3s', '5:64', 'one `timeout` holds for all targets'],
    ['  api:', '  "a b":', '5:3', 'does not do as a name'],
    ['traffic:', 'target: { url: "http://127.0.0.1" }\ntraffic:', '3:1', '`target` and `targets` are both given'],
    ['"http://127.0.0.1:9090/v1"', '"ftp://127.0.0.1"', '5:15', 'expected an `http:` or `https:` URL'],
  ])('are refused with %s as %s', async (from, to, place, says) => {
    const error = await failure(SEVERAL.replace(from, to));
    expect(told(error), error.message).toContainEqual(expect.stringContaining(`${place} `));
    expect(error.message).toContain(says);
  });

  it('are needed where a flow names one', async () => {
    const error = await failure(withLine(8, '    - { get: /, target: web }'));
    expect(told(error)).toEqual(['8:25 there is no target `web`: the scenario has one, without a name']);
  });

  it('say nothing more of a target that is faulty in itself', async () => {
    const error = await failure(SEVERAL.replace('url: "http://127.0.0.1:9090/v1", ', ''));
    expect(told(error)).toEqual(['5:3 is missing: expected a URL such as `http://127.0.0.1:8080`']);
  });
});

it('reads certificates from the folder of the scenario, not the current one', async () => {
  const file = secure('tls: { ca: ca.pem }');
  expect(dirname(file)).not.toBe(process.cwd());
  await expect(loadScenario(file, { env: {} })).resolves.toBeDefined();
});

it('reads no file of a scenario that names none', async () => {
  await expect(loadScenario(fileOf(MINIMAL), { env: {} })).resolves.toMatchObject({ secrets: [] });
});
