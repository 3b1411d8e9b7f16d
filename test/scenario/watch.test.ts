import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { WatcherName } from '../../src/model/watch.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { DEFAULT_PATTERNS } from '../../src/scenario/watch-patterns.js';
import type { WatchPlanOf } from '../../src/watchers/plan.js';
import { failure, load, MINIMAL, told } from './scenarios.js';

const watching = (...entries: string[]) => `${MINIMAL}watch:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`;

function planOf<Name extends WatcherName>({ watch }: Scenario, kind: Name): WatchPlanOf<Name> | undefined {
  return watch.find((each): each is WatchPlanOf<Name> => each.kind === kind);
}

describe('what is watched', () => {
  it('is nothing without `watch`', async () => {
    expect((await load(MINIMAL)).watch).toEqual([]);
  });

  it('has the defaults of the contract', async () => {
    const scenario = await load(
      watching(
        '{ link: current }',
        '{ processes: { pidfile: /run/app.pid } }',
        '{ processes: { match: "/^nginx: worker/i" }, name: nginx }',
        '{ log: /var/log/nginx/error.log }',
        '{ metric: { prometheus: "http://127.0.0.1:9090/prom/", query: orders_total } }',
        '{ resources: [cpu, oom] }',
        '{ postgres: "postgres://shop:s3cret@db.internal:5432/shop?sslmode=require" }',
        '{ haproxy: run/haproxy.sock }',
        '{ sockets: ["127.0.0.1:8080", 8081, "localhost:8082", "[::1]:80", run/x.sock] }',
        '{ systemd: [gunicorn, nginx] }',
        '{ journal: [gunicorn] }',
        '{ queue: { redis: "redis://:pw@127.0.0.1:6379/2", keys: ["rq:queue:default"] } }',
      ),
    );
    const dir = dirname(scenario.file as string);
    const on = null;
    const patterns = DEFAULT_PATTERNS;
    expect(scenario.watch).toEqual([
      { kind: 'link', name: `${dir}/current`, of: `${dir}/current`, on, path: `${dir}/current` },
      {
        kind: 'processes',
        name: '/run/app.pid',
        of: 'the processes of /run/app.pid',
        on,
        pidfile: '/run/app.pid',
        match: null,
      },
      {
        ...{ kind: 'processes', name: 'nginx', of: 'processes that match `/^nginx: worker/i`', on, pidfile: null },
        match: { source: '^nginx: worker', flags: 'i' },
      },
      {
        kind: 'log',
        name: '/var/log/nginx/error.log',
        of: '/var/log/nginx/error.log',
        on,
        path: '/var/log/nginx/error.log',
        patterns,
      },
      {
        ...{ kind: 'metric', name: 'orders_total', of: 'orders_total of http://127.0.0.1:9090', on },
        ...{ prometheus: 'http://127.0.0.1:9090/prom', query: 'orders_total', headers: {} },
      },
      { kind: 'resources', name: 'resources', of: 'cpu, oom', on, what: ['cpu', 'oom'], disk: dir },
      {
        ...{ kind: 'postgres', name: 'db.internal:5432/shop', of: 'db.internal:5432/shop', on },
        url: 'postgres://shop:s3cret@db.internal:5432/shop?sslmode=require',
      },
      {
        kind: 'haproxy',
        name: `${dir}/run/haproxy.sock`,
        of: `${dir}/run/haproxy.sock`,
        on,
        socket: `${dir}/run/haproxy.sock`,
        backends: [],
      },
      {
        kind: 'sockets',
        name: `127.0.0.1:8080, *:8081, 127.0.0.1:8082, [::1]:80, ${dir}/run/x.sock`,
        of: `127.0.0.1:8080, *:8081, 127.0.0.1:8082, [::1]:80, ${dir}/run/x.sock`,
        on,
        listen: ['127.0.0.1:8080', '*:8081', '127.0.0.1:8082', '[::1]:80', `${dir}/run/x.sock`],
      },
      { kind: 'systemd', name: 'gunicorn, nginx', of: 'gunicorn, nginx', on, units: ['gunicorn', 'nginx'] },
      { kind: 'journal', name: 'journal of gunicorn', of: 'journal of gunicorn', on, units: ['gunicorn'], patterns },
      {
        ...{ kind: 'queue', name: 'rq:queue:default', of: 'rq:queue:default in 127.0.0.1:6379/2', on },
        ...{ redis: 'redis://:pw@127.0.0.1:6379/2', keys: ['rq:queue:default'] },
      },
    ]);
  });

  it('can be containers, a Compose project or a Swarm service', async () => {
    const scenario = await load(
      watching(
        '{ docker: { containers: [shop-blue, "shop-green-*"] } }',
        '{ docker: { project: shop, socket: run/docker.sock } }',
        '{ docker: { service: shop, socket: "unix:///run/docker.sock" }, name: swarm }',
      ),
    );
    const dir = dirname(scenario.file as string);
    const none = { containers: [], project: null, service: null, socket: null };
    expect(scenario.watch).toEqual([
      {
        ...{ kind: 'docker', name: 'shop-blue, shop-green-*', of: 'the containers shop-blue, shop-green-*', on: null },
        ...{ ...none, containers: ['shop-blue', 'shop-green-*'] },
      },
      {
        ...{ kind: 'docker', name: 'shop', of: 'the Compose project shop', on: null },
        ...{ ...none, project: 'shop', socket: `${dir}/run/docker.sock` },
      },
      {
        ...{ kind: 'docker', name: 'swarm', of: 'the Swarm service shop', on: null },
        ...{ ...none, service: 'shop', socket: '/run/docker.sock' },
      },
    ]);
  });

  it('can be a Deployment, and thresholds count its pods', async () => {
    const scenario = await load(
      `${watching(
        '{ kubernetes: { deployment: web } }',
        '{ kubernetes: { deployment: web, namespace: shop, context: production, kubeconfig: cluster.yaml } }',
      )}thresholds:\n  metric{name:shop/web/available}: ["min>=3"]\n`,
    );
    const dir = dirname(scenario.file as string);
    expect(scenario.watch).toEqual([
      {
        ...{ kind: 'kubernetes', name: 'web', of: 'the Deployment web', on: null, deployment: 'web' },
        ...{ namespace: null, context: null, kubeconfig: null },
      },
      {
        ...{ kind: 'kubernetes', name: 'shop/web', of: 'the Deployment shop/web', on: null, deployment: 'web' },
        ...{ namespace: 'shop', context: 'production', kubeconfig: `${dir}/cluster.yaml` },
      },
    ]);
  });

  it('takes patterns beside the known ones, and in their place by their name', async () => {
    const scenario = await load(
      watching(
        '{ log: app.log, patterns: { slow: "/took \\\\d{4}ms/", "http-5xx": { match: " 5.. ", requestError: true }, lost: { match: "LOST (?<id>.*)" } } }',
      ),
    );
    const { patterns = [] } = planOf(scenario, 'log') ?? {};
    expect(patterns.slice(0, 3)).toEqual([
      { name: 'slow', source: 'took \\d{4}ms', flags: '', isRequestError: false },
      { name: 'http-5xx', source: ' 5.. ', flags: '', isRequestError: true },
      { name: 'lost', source: 'LOST (?<id>.*)', flags: '', isRequestError: false },
    ]);
    expect(patterns.filter(({ name }) => name === 'http-5xx')).toHaveLength(1);
    expect(patterns).toHaveLength(2 + DEFAULT_PATTERNS.length);
  });

  it('can be asked which requests a log names', async () => {
    const scenario = await load(
      watching(
        '{ log: a.log, ids: proxy }',
        '{ log: b.log, ids: { of: app } }',
        '{ log: c.log, ids: { of: app, match: "/ handled /i" } }',
        '{ log: d.log }',
      ),
    );
    expect(scenario.watch.map((plan) => (plan.kind === 'log' ? plan.ids : null))).toEqual([
      { side: 'proxy', match: null },
      { side: 'app', match: null },
      { side: 'app', match: { source: ' handled ', flags: 'i' } },
      undefined,
    ]);
  });

  it('can be on another host, or behind a command', async () => {
    const hosts = 'hosts: { web1: { ssh: deploy@10.0.1.10 } }\n';
    const scenario = await load(
      `${hosts}${watching('{ link: /srv/current, on: web1 }', '{ log: /var/log/app.log, via: [docker, exec, -i, web] }', '{ systemd: [app], via: [deploy/inside] }')}`,
    );
    const [link, log, systemd] = scenario.watch;
    expect(link).toMatchObject({ name: 'web1: /srv/current', on: { name: 'web1' } });
    expect(link?.on?.shell).toEqual(expect.arrayContaining(['ssh', 'deploy@10.0.1.10']));
    expect(log?.on).toEqual({ name: 'docker exec -i web', shell: ['docker', 'exec', '-i', 'web', 'sh'] });
    expect(systemd?.on?.shell[0]).toBe(`${dirname(scenario.file as string)}/deploy/inside`);
  });

  it("has one name each: the user's own, or what is watched", async () => {
    const { watch } = await load(
      watching(
        '{ log: /a.log }',
        '{ link: /a.log }',
        '{ log: /a.log, name: mine }',
        '{ metric: { prometheus: "http://p", query: up, name: up2 } }',
      ),
    );
    expect(watch.map(({ name }) => name)).toEqual(['/a.log', '/a.log (2)', 'mine', 'up2']);
  });

  it('is shown with its names, and loads again as the same', async () => {
    const secret = watching(
      '{ link: /srv/current }',
      '{ postgres: "${secret:DB}", name: db }',
      '{ postgres: "${secret:DB}" }',
      '{ log: /a.log, patterns: { x: "cost \\\\$$" } }',
    );
    const env = { DB: 'postgres://shop:hunter22@db/shop' };
    const scenario = await load(secret, { env });
    expect(scenario.watch.map(({ name }) => name)).toEqual(['/srv/current', 'db', 'db/shop', '/a.log']);
    expect(JSON.stringify(scenario.effective)).not.toContain('hunter22');
    const again = await load(stringify(scenario.effective), { env });
    expect(again.watch).toEqual(scenario.watch);
    expect(again.effective).toEqual(scenario.effective);
  });

  it('never shows a password in its name, whatever characters are in it', async () => {
    const urls = [
      'postgres://u:p?w@h:5/d',
      'postgres://u:p@w@h/d',
      'postgres://u:p/w@h/d?password=x',
      'postgres:///d?host=/run/pg',
      'postgresql://u@/d?host=/run/pg',
    ];
    const { watch } = await load(watching(...urls.map((url) => `{ postgres: "${url}" }`)));
    expect(watch.map(({ name }) => name)).toEqual(['h:5/d', 'h/d', 'h/d (2)', 'd', 'd (2)']);
  });
});

describe('a watcher that cannot be', () => {
  it.each([
    ['{ name: x }', 'nothing to watch'],
    ['{ link: /a, log: /b }', '2 things to watch (`link` or `log`)'],
    ['{ linc: /a }', 'unknown key `linc`; did you mean `link`?'],
    ['{ journal: [a], ids: proxy }', '`ids` belongs beside `log`, not beside `journal`'],
    ['{ log: /a, ids: server }', 'expected `proxy`, `app` or `{ of, match }`'],
    ['{ link: /a, patterns: { x: y } }', '`patterns` belongs beside `log` or `journal`, not beside `link`'],
    ['{ processes: {} }', 'expected exactly one of `pidfile` and `match`'],
    ['{ processes: { match: "(" } }', 'is no regular expression'],
    ['{ log: /a, patterns: { x: { match: "(" } } }', 'is no regular expression'],
    ['{ sockets: [nowhere] }', 'expected `127.0.0.1:8080`, a port or a path, got `nowhere`'],
    ['{ sockets: ["web.internal:80"] }', 'expected an IP address before the port, got `web.internal`'],
    ['{ sockets: [70000] }', 'expected `127.0.0.1:8080`, a port or a path, got `70000`'],
    ['{ postgres: "mysql://x" }', 'expected a URL such as `postgres://127.0.0.1:5432/shop`'],
    ['{ queue: { redis: "http://x", keys: [a] } }', 'expected a URL such as `redis://127.0.0.1:6379/0`'],
    ['{ queue: { redis: "redis://x/shop", keys: [a] } }', 'the path is the number of a database'],
    ['{ kubernetes: { deployment: ../pods } }', 'expected the name of a Deployment such as `web`'],
    ['{ kubernetes: { deployment: web, namespace: a/b } }', 'expected the name of a namespace such as `shop`'],
    ['{ metric: { prometheus: "ftp://x", query: up } }', 'expected an `http:` or `https:` URL'],
    ['{ docker: {} }', 'expected exactly one of `containers`, `project` and `service`'],
    ['{ docker: { project: a, service: b } }', 'expected exactly one of `containers`, `project` and `service`'],
    ['{ docker: { containers: ["a*b"] } }', 'expected a name, or one that ends with `*`, got `a*b`'],
    ['{ docker: { service: a, socket: "tcp://10.0.0.1:2375" } }', 'expected the path of a Unix socket'],
    ['{ docker: { service: a }, on: web1 }', '`docker` is watched from this machine'],
    ['{ resources: [gpu] }', 'expected one of `cpu`, `memory`, `disk`, `oom`'],
    ['{ resources: [cpu], on: web1 }', '`resources` is watched from this machine'],
    ['{ link: /a, on: web1 }', 'there is no host `web1`'],
    ['{ link: a, via: [docker, exec, -i, web] }', 'expected an absolute path on docker exec -i web, got `a`'],
  ])('%s', async (entry, message) => {
    expect(told(await failure(watching(entry))).join('\n')).toContain(message);
  });

  it('as it has the name of another', async () => {
    const error = await failure(watching('{ link: /a, name: x }', '{ log: /b, name: x }'));
    expect(told(error)).toEqual([expect.stringContaining('there is another watcher called `x`')]);
  });
});

describe('a threshold on a metric', () => {
  const METRIC = '{ metric: { prometheus: "http://p", query: orders_total, name: orders } }';
  const limited = (key: string, expression: string, ...entries: string[]) =>
    `${entries.length === 0 ? MINIMAL : watching(...entries)}thresholds: { '${key}': ["${expression}"] }\n`;

  it('is one on what a watcher measures', async () => {
    const { thresholds } = await load(limited('metric{name:orders}', 'rate>=0.5*baseline', METRIC));
    expect(thresholds[0]).toMatchObject({
      metric: 'metric',
      selector: { name: 'orders' },
      aggregate: 'rate',
      value: 0.5,
      timesBaseline: true,
    });
    const queue = '{ queue: { redis: "redis://r", keys: [jobs] } }';
    const other = await load(limited('metric{name:jobs,step:switch}', 'max<1e3', queue));
    expect(other.thresholds[0]).toMatchObject({ selector: { name: 'jobs', step: 'switch' }, value: 1000 });
    const database = '{ postgres: "postgres://127.0.0.1/shop", name: db }';
    const locks = await load(limited('metric{name:db/blocked_ms}', 'max<500', database));
    expect(locks.thresholds.find(({ metric }) => metric === 'metric')?.selector).toEqual({ name: 'db/blocked_ms' });
    const last = await load(limited('metric{name:resources}', 'last>-0.5', '{ resources: [memory] }'));
    expect(last.thresholds[0]).toMatchObject({ aggregate: 'last', value: -0.5 });
  });

  it.each([
    ['metric', 'max<1', [METRIC], '`metric` does not say which: it needs `{name:...}`'],
    ['metric{step:switch}', 'max<1', [METRIC], '`metric` does not say which'],
    ['metric{name:order}', 'max<1', [METRIC], 'no watcher called `order` measures anything; did you mean `orders`?'],
    ['metric{name:current}', 'max<1', ['{ link: /a, name: current }'], 'no watcher called `current` measures anything'],
    ['metric{name:orders,flow:x}', 'max<1', [METRIC], '`metric` cannot be narrowed down by `flow`'],
    ['latency{name:orders}', 'max<1', [METRIC], '`latency` cannot be narrowed down by `name`'],
    ['metric{name:orders}', 'p(99)<1', [METRIC], '`p(99)` says nothing of `metric`'],
    ['metric{name:orders}', 'max<much', [METRIC], 'expected a number such as `100` or `0.25`, got `much`'],
  ])('%s %s', async (key, expression, entries, message) => {
    expect(told(await failure(limited(key, expression, ...entries))).join('\n')).toContain(message);
  });
});
