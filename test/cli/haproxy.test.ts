import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { haproxyCommand } from '../../src/cli/haproxy.js';
import type { ZddError } from '../../src/model/errors.js';
import { haproxyAddress, serversIn } from '../../src/platform/haproxy.js';
import { freePort } from '../free-port.ts';
import { emptyFolder } from '../setup/empty-folder.js';

const PATH = `${process.env.PATH}:/usr/sbin`;
const HAS_HAPROXY = spawnSync('haproxy', ['-v'], { env: { PATH } }).status === 0;

let stdout = '';
let stderr = '';
const cleanups: (() => unknown)[] = [];
beforeEach(() => {
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs the command and returns its exit code. */
async function haproxy(socket: string, ...words: string[]): Promise<unknown> {
  process.exitCode = undefined;
  const command = haproxyCommand().exitOverride();
  await command.parseAsync(['--socket', socket, ...words], { from: 'user' });
  return process.exitCode;
}

const refused = (socket: string, ...words: string[]): Promise<ZddError> =>
  haproxy(socket, ...words).then(
    (code) => {
      throw new Error(`it was not refused: ${code} ${stdout}${stderr}`);
    },
    (error: ZddError) => error,
  );

describe.skipIf(!HAS_HAPROXY)('on a real HAProxy (skipped where it is not installed)', () => {
  it('shows servers with state, weight, requests under way and check, as a table and as JSON', async () => {
    const { socket } = await start();
    expect(await haproxy(socket, 'show', 'app')).toBe(0);
    expect(stdout).toMatch(
      /^server +status +weight +sessions +waiting +check +address\napp\/blue +UP +100 +0 +0 +L7OK/,
    );
    stdout = '';
    await haproxy(socket, 'show', '--json');
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ backend: 'app', name: 'green', state: 'maint', weight: 100, sessions: 0 }),
    );
    stdout = '';
    await haproxy(socket, 'state', 'app/green');
    expect(stdout).toBe('maint\n');
  });

  it('drains only when the request under way has been answered', async () => {
    const { socket, ask, apps } = await start({ green: 'weight 100' });
    await until(socket, 'app/green', 'UP');
    apps.blue.delayMs = 700;
    apps.green.delayMs = 700;
    const answers = Promise.all([ask(), ask()]);
    await vi.waitFor(() => expect(apps.blue.open + apps.green.open).toBe(2));
    const began = performance.now();
    expect(await haproxy(socket, 'drain', 'app/blue', '--within', '5s')).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(300);
    expect(apps.blue.open).toBe(0);
    expect((await answers).sort()).toEqual(['blue', 'green']);
    apps.green.delayMs = 0;
    expect(new Set([await ask(), await ask(), await ask()])).toEqual(new Set(['green']));
  });

  it('says what is left, and ends with 97, where a server is not empty in time', async () => {
    const { socket, ask, apps } = await start({ green: 'weight 100' });
    await until(socket, 'app/green', 'UP');
    apps.blue.delayMs = apps.green.delayMs = 2000;
    const answers = Promise.all([ask(), ask()]);
    await vi.waitFor(() => expect(apps.blue.open).toBe(1));
    expect(await haproxy(socket, 'drain', 'app/blue', '--within', '200ms')).toBe(97);
    expect(stderr).toContain('app/blue still has 1 sessions');
    await answers;
  });

  it('lets no request to a server before its health check has passed, not even one out of maintenance', async () => {
    const { socket, ask, apps } = await start();
    apps.green.healthy = false;
    const seen = new Set<string>();
    let asking = true;
    const traffic = (async () => {
      while (asking) seen.add(await ask());
    })();
    expect(await haproxy(socket, 'ready', 'app/green', '--within', '1s')).toBe(96);
    expect(stderr).toContain('did not pass its health check within 1.0 s');
    apps.green.healthy = true;
    expect(seen).toEqual(new Set(['blue']));
    expect(await haproxy(socket, 'ready', 'app/green', '--within', '5s')).toBe(0);
    expect(stderr).toContain('100 of 200 (50.0 % of new requests)');
    await vi.waitFor(() => expect(seen).toEqual(new Set(['blue', 'green'])));
    asking = false;
    await traffic;
  });

  it('does the same where one failed check marks a server down', async () => {
    const { socket, ask, apps } = await start({ green: 'weight 100 disabled fall 1 rise 1' });
    apps.green.healthy = false;
    let wrong = 0;
    let asking = true;
    const traffic = (async () => {
      while (asking) if ((await ask()) !== 'blue') wrong += 1;
    })();
    expect(await haproxy(socket, 'ready', 'app/green', '--within', '1s')).toBe(96);
    expect(wrong).toBe(0);
    apps.green.healthy = true;
    expect(await haproxy(socket, 'ready', 'app/green', '--within', '5s')).toBe(0);
    asking = false;
    await traffic;
  });

  it('says that a server without a check is taken for healthy', async () => {
    const { socket } = await start({ green: 'weight 100 disabled no-check' });
    expect(await haproxy(socket, 'ready', 'app/green')).toBe(0);
    expect(stderr).toContain('HAProxy does not check app/green');
  });

  it('keeps the last server that takes traffic in rotation, unless it is insisted', async () => {
    const { socket } = await start();
    for (const name of ['drain', 'maint']) {
      const error = await refused(socket, name, 'app/blue');
      expect(error.code).toBe('HAPROXY_REFUSED');
      expect(error.message).toContain('app/blue is the last server of app that takes traffic');
    }
    expect(await haproxy(socket, 'maint', 'app/blue', '--anyway')).toBe(0);
    stdout = '';
    await haproxy(socket, 'state', 'app/blue');
    expect(stdout).toBe('maint\n');
  });

  it('changes weights and says the share, and refuses a percentage that would become 0', async () => {
    const { socket } = await start({ green: 'weight 1' });
    await until(socket, 'app/green', 'UP');
    expect(await haproxy(socket, 'weight', 'app/green', '25')).toBe(0);
    expect(stderr).toContain('app/green has weight 25: 25 of 125 (20.0 % of new requests)');
    expect(await refused(socket, 'weight', 'app/green', '50%')).toMatchObject({
      code: 'HAPROXY_REFUSED',
      message: expect.stringContaining('50% of the configured weight of app/green, 1, is 0'),
    });
    expect(await haproxy(socket, 'weight', 'app/green', '0%')).toBe(0);
    expect(await haproxy(socket, 'weight', 'app/blue', '10%')).toBe(0);
    expect(stderr).toContain('app/blue has weight 10');
    for (const wrong of ['101%', '257', '-1', 'half'])
      expect((await refused(socket, 'weight', 'app/blue', '--', wrong)).code).toBe('USAGE');
  });

  it('does one command after the other as long as each succeeds', async () => {
    const { socket, ask } = await start();
    expect(await haproxy(socket, 'ready', 'app/green', 'then', 'drain', 'app/blue', 'then', 'maint', 'app/blue')).toBe(
      0,
    );
    expect(await ask()).toBe('green');
    const error = await refused(socket, 'drain', 'app/green', 'then', 'ready', 'app/blue');
    expect(error.message).toContain('the last server of app');
    stdout = '';
    await haproxy(socket, 'state', 'app/blue');
    expect(stdout).toBe('maint\n');
    expect((await refused(socket, 'ready', 'app/blue', 'then', 'show info')).code).toBe('USAGE');
  });

  it('passes any other command on as it is', async () => {
    const { socket } = await start();
    expect(await haproxy(socket, '--', 'show info')).toBe(0);
    expect(stdout).toMatch(/^Name: HAProxy\n/);
  });

  it.each([
    [['drain', 'app/bleu'], 'the backend `app` has no server `bleu`; did you mean `blue`?'],
    [['ready', 'ap/blue'], 'there is no server `ap/blue`; did you mean `app/blue`?'],
    [['show', 'apps'], 'there is no backend `apps` with servers; did you mean `app`?'],
    [['drain', 'blue'], 'expected BACKEND/SERVER, got `blue`'],
    [['drain'], 'expected `drain BACKEND/SERVER [--within 30s]`, got `drain`'],
    [['ready', 'app/blue', '--within', 'soon'], '--within takes a duration such as 30s, not `soon`'],
  ])('of %j says what is wrong', async (words, message) => {
    const { socket } = await start();
    expect(await refused(socket, ...words)).toMatchObject({ code: 'USAGE', message });
  });

  it('speaks to HOST:PORT, and says which level the socket needs', async () => {
    const { tcp } = await start();
    expect(await haproxy(tcp, 'show', 'app')).toBe(0);
    expect(await refused(tcp, 'maint', 'app/blue', '--anyway')).toMatchObject({
      code: 'HAPROXY_REFUSED',
      message: `${tcp} does not permit \`set server app/blue state maint\``,
      hint: expect.stringContaining('level admin'),
    });
  });
});

describe('where no HAProxy answers', () => {
  it('says so of a socket that is not there, of a file, and of a port where nobody listens', async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, 'file'), '');
    const port = await freePort();
    const messages = [
      [join(folder, 'none.sock'), 'there is no socket'],
      [join(folder, 'file'), 'nobody listens on'],
      [`127.0.0.1:${port}`, 'nobody listens on'],
    ] as const;
    for (const [socket, message] of messages) {
      const error = await refused(socket, 'show');
      expect(error.code).toBe('HAPROXY_UNREACHABLE');
      expect(error.message).toContain(message);
      expect(error.hint).toContain('stats socket');
    }
  });

  it.skipIf(process.getuid?.() !== 0)(
    'says so of a socket it may not open (as root this takes another user)',
    async () => {
      const folder = await emptyFolder();
      await chmod(folder, 0o755);
      const path = join(folder, 'closed.sock');
      const server = createNetServer();
      cleanups.push(() => server.close());
      server.listen(path);
      await once(server, 'listening');
      await chmod(path, 0o600);
      process.seteuid?.(65_534);
      const error = await refused(path, 'show').finally(() => process.seteuid?.(0));
      expect(error).toMatchObject({ code: 'HAPROXY_UNREACHABLE', message: `no permission to connect to ${path}` });
    },
  );

  it('says so of something that speaks another language', async () => {
    const server = createNetServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    cleanups.push(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const error = await refused(`127.0.0.1:${(server.address() as AddressInfo).port}`, 'show');
    expect(error.message).toContain("does not answer like HAProxy's runtime API");
  });
});

describe('the place of a socket', () => {
  it.each([
    ['/run/haproxy/admin.sock', { path: '/run/haproxy/admin.sock' }],
    ['unix@/run/h.sock', { path: '/run/h.sock' }],
    ['./h.sock', { path: './h.sock' }],
    ['127.0.0.1:9999', { host: '127.0.0.1', port: 9999 }],
    ['ipv4@10.0.0.1:99', { host: '10.0.0.1', port: 99 }],
    ['[::1]:9999', { host: '::1', port: 9999 }],
    ['lb.internal:9999', { host: 'lb.internal', port: 9999 }],
    ['host:0', null],
    ['host:70000', null],
    ['', null],
  ])('of %j is %j', (text, address) => expect(haproxyAddress(text)).toEqual(address));
});

it('reads the columns of `show stat` by their names, whatever their order', () => {
  const csv =
    '# pxname,svname,type,status,weight,scur,qcur,last_chk,check_fall,extra,\nb,s,2,UP 1/2,7,3,1,"a ""b"", c",2,x,\nb,BACKEND,1,UP,7,3,1,,,,\n';
  expect(serversIn(csv)).toEqual([
    {
      backend: 'b',
      name: 's',
      status: 'UP 1/2',
      weight: 7,
      sessions: 3,
      queued: 1,
      check: '',
      fall: 2,
      backup: false,
      address: '',
    },
  ]);
});

interface App {
  server: Server;
  healthy: boolean;
  delayMs: number;
  /** Requests under way. */
  open: number;
}

/** HAProxy before two apps, blue in rotation and green in maintenance; `green` is the settings of its server. */
async function start({ green = 'weight 100 disabled' } = {}): Promise<{
  socket: string;
  tcp: string;
  apps: { blue: App; green: App };
  /** The name of the app that answered. */
  ask(): Promise<string>;
}> {
  const folder = await emptyFolder();
  const socket = join(folder, 'admin.sock');
  const [port, admin] = [await freePort(), await freePort()];
  const apps = { blue: await startApp('blue'), green: await startApp('green') };
  const at = ({ server }: App) => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(
    join(folder, 'haproxy.cfg'),
    `global
  stats socket ${socket} mode 600 level admin
  stats socket ipv4@127.0.0.1:${admin} level user
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
frontend web
  bind 127.0.0.1:${port}
  default_backend app
backend app
  option httpchk GET /healthz
  default-server check inter 100ms fall 3 rise 1
  server blue ${at(apps.blue)} weight 100
  server green ${at(apps.green)} ${green}
`,
  );
  const child = spawn('haproxy', ['-f', join(folder, 'haproxy.cfg')], {
    env: { ...process.env, PATH },
    stdio: 'ignore',
  });
  cleanups.push(() => end(child));
  await until(socket, 'app/blue', 'UP');
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
  return { socket, tcp: `127.0.0.1:${admin}`, apps, ask };
}

async function startApp(name: string): Promise<App> {
  const app: App = { server: createServer(), healthy: true, delayMs: 0, open: 0 };
  app.server.on('request', async ({ url }, response) => {
    if (url === '/healthz') {
      response.writeHead(app.healthy ? 200 : 503).end();
      return;
    }
    app.open += 1;
    await delay(app.delayMs);
    app.open -= 1;
    response.end(name);
  });
  app.server.listen(0, '127.0.0.1');
  await once(app.server, 'listening');
  cleanups.push(() => {
    app.server.closeAllConnections();
    app.server.close();
  });
  return app;
}

/** Waits for a status, with the command's own words kept out of what a test looks at. */
async function until(socket: string, server: string, status: string): Promise<void> {
  await vi.waitFor(
    async () => {
      stdout = '';
      await haproxy(socket, 'show', '--json');
      const servers = JSON.parse(stdout) as { backend: string; name: string; status: string; check: string }[];
      const found = servers.find(({ backend, name }) => `${backend}/${name}` === server);
      expect(found).toMatchObject({ status, check: 'L7OK' });
    },
    { timeout: 10_000, interval: 50 },
  );
  stdout = '';
  stderr = '';
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
