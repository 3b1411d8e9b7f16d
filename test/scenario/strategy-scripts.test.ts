import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Step } from '../../src/steps/step.js';
import { freePort } from '../free-port.ts';
import { emptyFolder } from '../setup/empty-folder.js';
import { load } from './scenarios.js';

/** The step with this name of a scenario with a strategy. */
async function stepOf(strategy: object, name: string): Promise<Step> {
  const { steps, rollback } = await load(
    JSON.stringify({
      version: 1,
      name: 'shop',
      target: { url: 'http://127.0.0.1:8080', version: { header: 'x-release' } },
      traffic: { rate: '200/s', mix: [{ get: '/' }] },
      strategy,
    }),
  );
  return [...steps, ...rollback].find((step) => step.name === name) as Step;
}

/** Runs the script of a step as a run does, which knows that the baseline's version was v1. */
async function run({ run: script, env }: Step, more: Record<string, string> = {}) {
  const child = spawn('bash', ['-eo', 'pipefail', '-c', script as string], {
    env: { PATH: process.env.PATH ?? '', ZDD_BASELINE_VERSION: 'v1', ...more, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

describe('an old place that is to serve again', () => {
  const strategies = (port: number, started: string): [string, object][] => {
    const common = { release: 'v2', start: `echo "$RELEASE on $PORT" >${started}`, stop: 'true', retire: true };
    return [
      [
        'haproxy-drain',
        {
          socket: '/nowhere',
          backend: 'app',
          servers: { blue: `http://127.0.0.1:${port}`, green: 'http://127.0.0.1:2' },
          live: 'blue',
          ...common,
        },
      ],
      ['nginx-blue-green', { config: '/c', blue: `127.0.0.1:${port}`, green: '127.0.0.1:2', pidfile: '/p', ...common }],
    ];
  };

  it('is left alone while something listens there, even where it does not answer as HTTP', async () => {
    const started = join(await emptyFolder(), 'started');
    const server = createServer((socket) => socket.destroy());
    onTestFinished(() => void server.close());
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    for (const [name, options] of strategies(port, started)) {
      expect(await run(await stepOf({ [name]: options }, 'start old'))).toEqual({ code: 0, stderr: '' });
      expect(existsSync(started)).toBe(false);
    }
  });

  it('is started with the old release where nothing listens', async () => {
    const port = await freePort();
    for (const name of ['haproxy-drain', 'nginx-blue-green']) {
      const started = join(await emptyFolder(), 'started');
      const options = Object.fromEntries(strategies(port, started))[name] as object;
      expect(await run(await stepOf({ [name]: options }, 'start old'))).toEqual({ code: 0, stderr: '' });
      expect(readFileSync(started, 'utf8')).toBe(`v1 on ${port}\n`);
    }
  });
});

describe('the way back by a link', () => {
  const place = async () => {
    const root = await emptyFolder();
    for (const release of ['v1', 'v2']) mkdirSync(join(root, 'releases', release), { recursive: true });
    symlinkSync('releases/v2', join(root, 'current'));
    symlinkSync('releases/v1', join(root, 'previous'));
    writeFileSync(join(root, 'tell.sh'), 'echo "$RELEASE $RELEASE_DIR" >>"$ROOT/told"\n');
    return root;
  };
  const TELL = 'sh "$ROOT/tell.sh"';

  it.each([
    ['gunicorn-symlink', { pidfile: '/nowhere', start: TELL }],
    ['systemd-reload', { unit: 'app.service', systemctl: TELL }],
    ['pm2-reload', { app: 'shop', pm2: `${TELL}; printf "\\n[]\\n"; true` }],
  ])('runs what the user has given for the release that is gone back to (%s)', async (name, options) => {
    const root = await place();
    const rollback = await stepOf({ [name]: { root, release: 'v2', ...options } }, 'rollback');
    // As a scenario has it whose `vars` are exported to every command.
    await run(rollback, { RELEASE: 'v2', RELEASE_DIR: join(root, 'releases/v2'), ROOT: root });
    const told = readFileSync(join(root, 'told'), 'utf8').trimEnd().split('\n');
    expect(new Set(told)).toEqual(new Set([`v1 ${root}/releases/v1`]));
  });

  it('ends where there is no release to go back to', async () => {
    const root = await emptyFolder();
    const options = { root, release: 'v2', unit: 'app.service', systemctl: TELL };
    const ended = await run(await stepOf({ 'systemd-reload': options }, 'rollback'));
    expect(ended).toEqual({ code: 1, stderr: `there is no ${root}/previous\n` });
  });
});

describe('shares in a file of nginx', () => {
  const FILE = `split_clients "$request_id" $app {
  * blue;
}
map $http_x $y {
  default 1;
}
upstream blue { server 127.0.0.1:1; }
upstream green {
  server 127.0.0.1:2;
}
server {
  location / {
    proxy_pass http://$app;
  }
}
`;

  it('are the only lines that change, there and back, whatever else the file holds', async () => {
    const config = join(await emptyFolder(), 'shop.conf');
    writeFileSync(config, FILE);
    const options = { config, stable: 'blue', canary: 'green', url: 'http://127.0.0.1:2', release: 'v2' };
    const canary = { canary: { ...options, start: 'true', nginx: 'true', shares: ['10%', '100%'] } };
    const written = async (name: string): Promise<string> => {
      expect(await run(await stepOf(canary, name))).toEqual({ code: 0, stderr: '' });
      return readFileSync(config, 'utf8');
    };
    expect(await written('record')).toBe(FILE);
    expect(await written('canary 10')).toBe(FILE.replace('  * blue;', '  10% green;\n  * blue;'));
    expect(await written('canary 100')).toBe(FILE.replace('* blue', '* green'));
    expect(await written('rollback')).toBe(FILE);
  });
});
