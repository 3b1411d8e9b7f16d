import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readProject } from '../../src/cli/init/folder.js';
import { cluesOf, lookInto, waysOf } from '../../src/cli/init/proposal.js';
import { initCommand } from '../../src/cli/init.js';
import { loadScenario } from '../../src/scenario/load.js';
import { ScenarioError } from '../../src/scenario/problem.js';
import { emptyFolder } from '../setup/empty-folder.js';

let stderr = '';
beforeEach(() => {
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const SERVER = `const http = require('node:http');
http.createServer((request, response) => {
  response.setHeader('X-Release', process.env.VERSION);
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/healthz') return response.end('ok');
  if (pathname === '/api/items') return response.end('[]');
  response.end('shop');
}).listen(process.env.PORT || 3000);
`;
const NGINX = `events {}
http {
  upstream app {
    server 127.0.0.1:3001;
    server 127.0.0.1:3002;
  }
  server {
    listen 8080;
    location / { proxy_pass http://app; }
  }
}
`;
const ONE_PLACE = NGINX.replace('    server 127.0.0.1:3002;\n', '');
const DEPLOY = '#!/bin/sh\nset -e\n# deploy.sh VERSION\necho "$1"\n';

describe('init in a folder with', () => {
  it('nginx, two places of a Node app and a deploy script takes that script as the release', async () => {
    const { scenario, text } = await proposed({ 'nginx.conf': NGINX, 'server.js': SERVER, 'deploy.sh': DEPLOY });
    expect(scenario.target.url).toBe('http://127.0.0.1:8080');
    expect(scenario.version.declared).toBe(true);
    expect(scenario.traffic.flows.map(({ path }) => path)).toEqual(['/api/items']);
    expect(scenario.steps.map(({ name, run, ready }) => [name, run, ready?.checks[0]?.path])).toEqual([
      ['deploy', './deploy.sh "$RELEASE"', '/healthz'],
    ]);
    expect(scenario.rollback[0]?.run).toBe('./deploy.sh "${ZDD_BASELINE_VERSION:?the baseline told no version}"');
    for (const place of ['nginx.conf:8', 'server.js:3', 'server.js:5', 'deploy.sh:1'])
      expect(text).toContain(`# ${place}`);
  });

  it('a deploy script and nothing else says how to wrap it, and leaves the URL as a gap', async () => {
    const { problems } = await proposed({ 'deploy.sh': '#!/bin/sh\necho done\n' });
    expect(problems).toEqual([expect.stringContaining('`TARGET_URL` has no value: where users connect')]);
    expect(stderr).toContain('run --url URL -- ./deploy.sh');
    expect(stderr).toMatch(/To fill in:\n {2}\S+scenario\.yaml:\d+: url: /);
  });

  it('a rollback script beside it rehearses that', async () => {
    const files = { 'nginx.conf': NGINX, 'deploy.sh': '#!/bin/sh\n', 'rollback.sh': '#!/bin/sh\n' };
    const { scenario } = await proposed(files);
    expect(scenario.rollback[0]?.run).toBe('./rollback.sh');
    expect(scenario.vars).toEqual({});
  });

  it('an ecosystem file of PM2', async () => {
    const { scenario, text } = await proposed({
      'ecosystem.config.js': `module.exports = { apps: [{ name: 'shop', script: 'server.js', exec_mode: 'cluster', cwd: '/srv/shop/current', env: { PORT: 3100 } }] };\n`,
      'server.js': SERVER,
      'knexfile.js': 'module.exports = {};\n',
      'deploy/build.sh': '#!/bin/sh\n',
    });
    expect(scenario.target.url).toBe('http://127.0.0.1:3100');
    expect(scenario.vars).toMatchObject({ ROOT: '/srv/shop' });
    expect(text).toMatch(/^ {4}app: shop # ecosystem\.config\.js:1$/m);
    expect(text).toMatch(/^ {4}build: \.\/deploy\/build\.sh # deploy\/build\.sh:1$/m);
    expect(text).toMatch(/^ {4}migrate: "npx knex migrate:latest" # knexfile\.js:1$/m);
  });

  it('gunicorn under a unit of systemd that can be reloaded', async () => {
    const { scenario, text } = await proposed({
      'ops/shop.service':
        '[Service]\nWorkingDirectory=/srv/shop/current\nExecStart=/srv/venv/bin/gunicorn --bind 127.0.0.1:8001 shop:app\nExecReload=/bin/kill -HUP $MAINPID\n',
      'alembic.ini': '[alembic]\n',
      'shop.py': '@app.get("/readyz")\ndef ready(): ...\n',
    });
    expect(scenario.target.url).toBe('http://127.0.0.1:8001');
    expect(text).toMatch(/^ {4}unit: shop\.service # ops\/shop\.service:4$/m);
    expect(text).toMatch(/^ {4}check: "gunicorn --check-config shop:app" # ops\/shop\.service:3$/m);
    expect(text).toMatch(/^ {4}migrate: alembic upgrade head # alembic\.ini:1$/m);
    expect(text).toMatch(/^ {4}ready: \/readyz # shop\.py:1$/m);
  });

  it('gunicorn in a Procfile alone names the pidfile as a gap', async () => {
    const { problems, text } = await proposed({ Procfile: 'web: gunicorn -b 0.0.0.0:5000 shop:app\n' });
    expect(text).toMatch(/^ {4}pidfile: # fill in: /m);
    expect(problems.join('\n')).toContain('pidfile');
    expect(problems.join('\n')).toContain('ROOT');
    expect(problems).toHaveLength(2);
  });

  it('nginx with one place of the app asks for the other one, and how it is started', async () => {
    const { problems, text } = await proposed({ 'conf/nginx.conf': ONE_PLACE });
    expect(text).toMatch(/^ {4}config: conf\/nginx\.conf # conf\/nginx\.conf:4$/m);
    expect(text).toMatch(/^ {4}blue: "127\.0\.0\.1:3001" # conf\/nginx\.conf:4$/m);
    expect(problems).toHaveLength(2);
    expect(problems.join('\n')).toMatch(/green[\s\S]*start/);
  });

  it('HAProxy with a server that is out of rotation', async () => {
    const { scenario, text } = await proposed({
      'haproxy.cfg': `global
  stats socket /run/haproxy/admin.sock mode 600 level admin
frontend web
  bind :8088
  default_backend app
backend app
  option httpchk GET /healthz
  server green 127.0.0.1:9002 check disabled
  server blue 127.0.0.1:9001 check
`,
      'start.sh': '#!/bin/sh\nexec ./server "$PORT"\n',
      'stop.sh': '#!/bin/sh\npkill gunicorn\n',
    });
    expect(text).toContain('start.sh');
    expect(text).not.toContain('./stop.sh');
    expect(scenario.target.url).toBe('http://127.0.0.1:8088');
    expect(scenario.vars).toMatchObject({ LIVE: 'blue' });
    expect(text).toContain('haproxy-drain:');
    expect(text).toMatch(
      /^ {4}servers: \{ green: "http:\/\/127\.0\.0\.1:9002", blue: "http:\/\/127\.0\.0\.1:9001" \}/m,
    );
  });

  it('a compose file whose proxy publishes a port', async () => {
    const { scenario } = await proposed({
      'compose.yaml': `services:
  db: { image: postgres, ports: ["5432:5432"] }
  app:
    build: .
    healthcheck: { test: [CMD, curl, -f, "http://localhost:3000/health"] }
  web:
    image: nginx:stable
    ports:
      - "8090:80"
`,
    });
    expect(scenario.target.url).toBe('http://127.0.0.1:8090');
    expect(scenario.steps[0]).toMatchObject({ run: 'docker compose up --detach --build --wait' });
    expect(scenario.steps[0]?.ready?.checks[0]?.path).toBe('/health');
  });

  it('manifests of Kubernetes', async () => {
    const { scenario, text } = await proposed({
      'k8s/shop.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: prod }
spec:
  template:
    spec:
      containers:
        - name: app
          readinessProbe: { httpGet: { path: /ready, port: 3000 } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  rules:
    - host: shop.internal
`,
    });
    expect(scenario.target.url).toBe('http://shop.internal');
    expect(String(scenario.steps[0]?.run)).toContain("kubectl apply --namespace prod --filename 'k8s'");
    expect(String(scenario.rollback[0]?.run)).toContain('kubectl rollout undo deployment/shop --namespace prod');
    // To where it was, also when nothing was applied.
    expect(String(scenario.rollback[0]?.run)).toContain('--to-revision="$(cat "$ZDD_RUN/revision")"');
    expect(text).toContain('# k8s/shop.yaml:16');
  });

  it('a script that reads `$1` in a function alone gives it no release, and no way back', async () => {
    const helper =
      '#!/bin/sh\nlog() {\n  echo "== $1"\n}\nlog begins\nps | awk \'{print $1}\'\nsystemctl restart shop\n';
    const { scenario } = await proposed({ 'nginx.conf': NGINX, 'server.js': SERVER, 'deploy.sh': helper });
    expect(scenario.steps[0]?.run).toBe('./deploy.sh');
    expect(scenario.rollback).toEqual([]);
  });

  it('a rollback script that reads an argument gets the version before', async () => {
    const undo = '#!/bin/sh\nln -sfn "releases/$1" current\n';
    const files = { 'nginx.conf': NGINX, 'server.js': SERVER, 'deploy.sh': DEPLOY, 'rollback.sh': undo };
    const { scenario } = await proposed(files);
    expect(scenario.rollback[0]?.run).toBe('./rollback.sh "${ZDD_BASELINE_VERSION:?the baseline told no version}"');
  });

  it('a compose file and an override of it takes the file', async () => {
    const { scenario } = await proposed({
      'docker-compose.override.yml': 'services:\n  app: { ports: ["9229:9229"] }\n',
      'docker-compose.yml': 'services:\n  app: { build: ., ports: ["8091:80"] }\n',
    });
    expect(scenario.target.url).toBe('http://127.0.0.1:8091');
    expect(scenario.steps[0]).toMatchObject({ run: 'docker compose up --detach --build --wait' });
  });

  it('routes that only write, or are alike but for a dash, takes those that read, each by a name of its own', async () => {
    const app = `@app.route("/checkout", methods=["POST"])
def checkout(): ...
@app.get("/items")
def items(): ...
@app.get("/items/")
def all_items(): ...
`;
    const { scenario } = await proposed({ 'nginx.conf': NGINX, 'app.py': app, 'deploy.sh': DEPLOY });
    expect(scenario.traffic.flows.map(({ name, path }) => [name, path])).toEqual([
      ['items', '/items'],
      ['items-2', '/items/'],
    ]);
  });

  it.each(['rolling', 'nginx-blue-green', 'pm2-reload'])(
    'a preset that is named: %s takes what is known',
    async (preset) => {
      const dir = await folderWith({ 'nginx.conf': ONE_PLACE, 'server.js': SERVER });
      await initCommand().parseAsync(['--preset', preset, '--dir', dir], { from: 'user' });
      const scenario = await loadScenario(join(dir, 'scenario.yaml'), { env: {} });
      expect(scenario.target.url).toBe('http://127.0.0.1:8080');
      expect(scenario.vars.RELEASE).toBe('v2');
    },
  );
});

describe('init beside an app that runs', () => {
  const HEALTH = `if (pathname === '/healthz') return response.end('ok');\nif (pathname === '/items') return response.end('[]');\n`;
  const answering = async (answer: (path: string, response: ServerResponse) => void) => {
    const server = createServer((request, response) => answer(request.url ?? '', response)).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return proposed({ 'server.js': `${HEALTH}server.listen(${port});\n`, 'deploy.sh': DEPLOY, 'rollback.sh': DEPLOY });
  };

  it('takes the header by which the answers name the release', async () => {
    const { scenario, text } = await answering((_, response) =>
      response.setHeader('X-App-Version', '7').setHeader('X-AspNet-Version', '4').end('{"version":"9"}'),
    );
    expect(scenario.traffic.version).toEqual({ from: 'header', name: 'x-app-version' });
    expect(text).toContain('# GET /items answers 7;');
  });

  it('puts the health route into the mix where its body alone names the release', async () => {
    const { scenario, text } = await answering((path, response) =>
      response.end(path === '/healthz' ? '{"status":"ok","version":"1.0.0"}' : '[]'),
    );
    expect(scenario.traffic.version).toEqual({ from: 'json', path: '$.version' });
    expect(scenario.traffic.flows.map(({ path }) => path)).toEqual(['/items', '/healthz']);
    expect(text).toContain('# GET /healthz answers 1.0.0;');
    expect(stderr).toContain('version      $.version  (GET /healthz answers 1.0.0)');
  });

  it('says how to name the release where no answer does, also by one that would end the comment', async () => {
    const { scenario, text } = await answering((_, response) => response.end('{"version":{"a":1}}'));
    expect(scenario.traffic.version).toBeNull();
    expect(text).toMatch(/# version: \{ header: x-release \}[\s\S]*# version: \{ json: \$\.version \}/);
    const odd = await answering((_, response) => response.end('{"version":"1\\nsteps: []"}'));
    expect(odd.text).toContain('answers 1?steps: ??;');
  });
});

it('says which release is live in the end, and what RELEASE and the probes are', async () => {
  const { text } = await proposed({ 'nginx.conf': NGINX, 'server.js': SERVER, 'deploy.sh': DEPLOY });
  expect(text).toContain('${RELEASE:?the release: what the deploy command is given');
  expect(text).toMatch(/the OLD release is live afterwards.*\n# rehearsal: rollback-forward/);
  expect(text).toMatch(/inflight: .* # placeholder/);
  expect(stderr).toMatch(
    /doctor \S+ --set RELEASE=v2 [\s\S]*the OLD release is live afterwards[\s\S]*rollback-forward/,
  );
});

describe('what init reads of a folder', () => {
  it('is bounded, follows no link, and waits for no pipe', async () => {
    const outside = await folderWith({ 'nginx.conf': NGINX });
    const dir = await folderWith({
      'a/b/c/d/e/nginx.conf': NGINX,
      'node_modules/x/nginx.conf': NGINX,
      'large.conf': `${NGINX}${'# long\n'.repeat(60_000)}`,
      'binary.conf': `${NGINX}\0`,
    });
    await symlink(join(outside, 'nginx.conf'), join(dir, 'nginx.conf'));
    await symlink(outside, join(dir, 'conf.d'));
    execFileSync('mkfifo', [join(dir, 'pipe.conf')]);
    expect(await readProject(dir)).toEqual([]);
  });

  it('takes no name into a scenario that could be read as something else there', async () => {
    const dir = await folderWith({ 'x\nsteps: [].conf': NGINX, '"; rm -rf .sh': DEPLOY });
    expect(await readProject(dir)).toEqual([]);
  });

  it('bears files that are no honest ones', async () => {
    const bomb = `a: &a [x,x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]`)
      .join('\n')}\nservices: *h\n`;
    const dir = await folderWith({
      'compose.yaml': bomb,
      'k8s.yaml': `kind: Deployment\nmetadata: ${'['.repeat(5000)}\n`,
      'nginx.conf': `http {${'{'.repeat(50_000)}\nserver { listen 99999; }\nupstream x { server 1.2.3.4:5; }`,
      'haproxy.cfg': 'backend $(id)\n server `id` 1.2.3.4:80\n',
      'package.json': '{ "name": "$(id)\\u0000", "scripts": 7 }',
      'server.js': `app.get('${'/a'.repeat(50_000)}'\napp.get('/\${x}', 1)\nres.set("X-Release\\r\\nEvil", 1)\n`,
    });
    const clues = await lookInto(dir);
    expect(waysOf(clues).map(({ name }) => name)).not.toContain('docker compose');
    expect(clues).toMatchObject({
      haproxy: null,
      kubernetes: null,
      app: { name: null, routes: [], versionHeader: null },
    });
  });

  it.each([
    ['listen 443 ssl;\n server_name shop.example;', 'https://shop.example', '127.0.0.1'],
    ['listen [::]:80;', 'http://127.0.0.1', undefined],
    ['listen 443 ssl; listen 80;', 'http://127.0.0.1', undefined],
    ['listen unix:/run/shop.sock;', undefined, undefined],
    [
      'listen 80; return 301 https://$host$request_uri; }\nserver { listen 443 ssl; server_name shop.example;',
      'https://shop.example',
      '127.0.0.1',
    ],
  ])('reads %j', (listen, url, resolve) => {
    const lines = `server { ${listen} location / { proxy_pass http://app; } }`.split('\n');
    const { nginx } = cluesOf([{ path: 'shop.conf', lines }]);
    expect([nginx?.url?.value, nginx?.resolve?.value]).toEqual([url, resolve]);
  });
});

it('takes the port with TLS of an HAProxy that leads there', () => {
  const text = `frontend web
  bind *:80
  bind *:443 ssl crt /etc/shop.pem
  http-request redirect scheme https unless { ssl_fc }
backend app
  server a 127.0.0.1:9001
`;
  const { haproxy } = cluesOf([{ path: 'haproxy.cfg', lines: text.split('\n') }]);
  expect(haproxy?.url?.value).toBe('https://127.0.0.1');
});

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await emptyFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text, { mode: 0o755 });
  }
  return dir;
}

/** What `init --yes` writes there, as it would be run; or, where gaps are left, what `validate` says of them. */
async function proposed(files: Readonly<Record<string, string>>) {
  const dir = await folderWith(files);
  await initCommand().parseAsync(['--yes', '--dir', dir], { from: 'user' });
  const file = join(dir, 'scenario.yaml');
  const text = await readFile(file, 'utf8');
  try {
    return { scenario: await loadScenario(file, { env: { RELEASE: 'v2' } }), problems: [], text };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const problems = error.problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return { scenario: null as never, problems, text };
  }
}
