import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkWatchers } from '../../src/cli/doctor/watch-checks.js';
import { engineSocket } from '../../src/platform/docker-engine.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import type { WatchOptions } from '../../src/watchers/plan.js';
import { container, type FakeEngine, fakeEngine, idOf } from './docker-fake.ts';
import { folder, type Watched, watching } from './drive.ts';

const states = (watched: Watched, begin: string) =>
  watched.all('state').flatMap((each) => (each.subject.startsWith(begin) ? [each.value] : []));
const incidents = (watched: Watched) => watched.all('incident').map(({ detail }) => detail);
const ready = (watched: Watched) => watched.all('value').at(-1)?.value;

type Options = Partial<WatchOptions['docker']>;
const watch = (socket: string, options: Options) =>
  watching('docker', { containers: [], project: null, service: null, socket, ...options });

const UP = 'Up 3 seconds (healthy)';

describe('watched containers', () => {
  async function watched(...rows: object[]) {
    const engine = await fakeEngine();
    engine.on('/containers/json', rows);
    const seen = watch(engine.socket, { containers: ['web', 'shop-*'] });
    await seen.sees();
    return { engine, seen };
  }

  it('are told by state and health, each on its own, as soon as the engine says that something changed', async () => {
    const { engine, seen } = await watched(
      container('web', 'running', UP),
      container('shop-2', 'running', 'Up 1 second (health: starting)', { Image: 'shop:v2' }),
      container('webber', 'running', UP),
    );
    expect(states(seen, 'web')).toEqual(['running (healthy)']);
    const from = seen.now();
    engine.on('/containers/json', [container('web', 'running', UP), container('shop-2', 'running', UP)]);
    engine.event('container', 'health_status: healthy', idOf('shop-2'), { name: 'shop-2' });
    await seen.until('healthy', () => states(seen, 'shop-2').at(-1) === 'running (healthy)');
    expect(seen.now() - from).toBeLessThan(400);
    engine.on('/containers/json', [container('shop-2', 'running', UP)]);
    await seen.until('gone', () => states(seen, 'web').at(-1) === null);
    expect(states(seen, 'shop-2')).toEqual(['running (starting)', 'running (healthy)']);
    const subjects = seen.all('state').map(({ subject }) => subject);
    expect(subjects).toContain(`shop-2 ${idOf('shop-2').slice(0, 12)} (shop:v2)`);
    expect(incidents(seen)).toEqual([]);
  });

  it('count as ready where they run and are healthy', async () => {
    const { seen } = await watched(
      container('web', 'running', 'Up 3 seconds'),
      container('shop-1', 'running', UP),
      container('shop-2', 'running', 'Up 3 seconds (unhealthy)'),
      container('shop-3', 'exited', 'Exited (0) 2 hours ago'),
    );
    await seen.until('a value', () => ready(seen) === 2);
    expect(seen.all('value')[0]).toMatchObject({ subject: 'ready', unit: 'count' });
  });

  it('are told with the signals they were sent; one that had to be killed is an incident', async () => {
    const { engine, seen } = await watched(container('web', 'running', UP));
    engine.event('container', 'kill', idOf('web'), { name: 'web', signal: '15' });
    await seen.until('SIGTERM', () => states(seen, 'web').at(-1) === 'running (healthy), sent SIGTERM');
    engine.event('container', 'kill', idOf('web'), { name: 'web', signal: '9' });
    engine.event('container', 'die', idOf('web'), { name: 'web', exitCode: '137' });
    await seen.until('SIGKILL', () => states(seen, 'web').at(-1) === 'running (healthy), sent SIGKILL');
    engine.on(`/containers/${idOf('web')}/json`, { State: { OOMKilled: false } });
    engine.on('/containers/json', [container('web', 'exited', 'Exited (137) 1 second ago')]);
    await seen.until('its end', () => states(seen, 'web').at(-1) === 'exited (137)');
    await seen.stop();
    expect(states(seen, 'web')).toHaveLength(4);
    expect(incidents(seen)).toEqual([
      expect.stringMatching(/^web \w{12} \(shop:v1\) was killed \(SIGKILL\) \d+\.\d s after SIGTERM: it had not ended/),
    ]);
  });

  it('that end by themselves are told, and those that were asked to are not', async () => {
    const { engine, seen } = await watched(container('web', 'running', UP), container('shop-1', 'running', UP));
    engine.event('container', 'die', idOf('shop-1'), { name: 'shop-1', exitCode: '1' });
    engine.event('container', 'kill', idOf('web'), { name: 'web', signal: '15' });
    engine.event('container', 'die', idOf('web'), { name: 'web', exitCode: '143' });
    await seen.until('the crash', () => incidents(seen).length > 0);
    await seen.stop();
    expect(incidents(seen)).toEqual([expect.stringMatching(/^shop-1 .* ended by itself with exit code 1$/)]);
  });

  it('that die before the engine tells of the signal were killed, and did not crash', async () => {
    const { engine, seen } = await watched(container('web', 'running', UP));
    engine.event('container', 'die', idOf('web'), { name: 'web', exitCode: '137' });
    engine.event('container', 'kill', idOf('web'), { name: 'web', signal: '9' });
    await seen.until('an incident', () => incidents(seen).length > 0);
    await seen.stop();
    expect(incidents(seen)).toEqual([expect.stringMatching(/was killed \(SIGKILL\)$/)]);
  });

  it('that ran out of memory are told so', async () => {
    const { engine, seen } = await watched(container('web', 'running', UP));
    engine.on(`/containers/${idOf('web')}/json`, { State: { OOMKilled: true } });
    engine.on('/containers/json', [container('web', 'exited', 'Exited (137) 1 second ago')]);
    engine.event('container', 'oom', idOf('web'), { name: 'web' });
    engine.event('container', 'die', idOf('web'), { name: 'web', exitCode: '137' });
    await seen.until('its end', () => states(seen, 'web').at(-1) === 'exited (137), out of memory');
    expect(incidents(seen)[0]).toMatch(/^web .* ran out of memory: the kernel killed a process of it$/);
  });

  it('of a Compose project are those with its label', async () => {
    const engine = await fakeEngine();
    const labels = (project: string) => ({ Labels: { 'com.docker.compose.project': project } });
    engine.on('/containers/json', [
      container('shop_web_1', 'running', UP, labels('shop')),
      container('other_web_1', 'running', UP, labels('other')),
    ]);
    const seen = watch(engine.socket, { project: 'shop' });
    await seen.sees();
    await seen.stop();
    expect(seen.all('state').map(({ subject }) => subject.split(' ')[0])).toEqual(['shop_web_1']);
    expect(seen.all('unseen')).toEqual([]);
  });

  it('that never were are said to be missing', async () => {
    const { seen } = await watched(container('web', 'running', UP));
    await seen.stop();
    expect(seen.all('unseen').map(({ detail }) => detail)).toEqual(['a container called shop-*: there was none']);
  });
});

describe('a watched service', () => {
  const OLD = 'shop:v1@sha256:00';
  const service = (image: string, update?: object): object => ({
    ...{ ID: 'serviceid', Spec: { Name: 'web', TaskTemplate: { ContainerSpec: { Image: image } } } },
    ...(update === undefined ? {} : { UpdateStatus: update }),
  });
  const task = (id: string, state: string, rest: object = {}, status: object = {}): object => ({
    ...{ ID: id, ServiceID: 'serviceid', Slot: 1, CreatedAt: '2026-01-01T00:00:00Z', DesiredState: 'running' },
    ...{ Spec: { ContainerSpec: { Image: OLD } }, Status: { State: state, ContainerStatus: {}, ...status } },
    ...rest,
  });
  async function watched(tasks: object[], update?: object) {
    const engine = await fakeEngine();
    engine.on('/services/web', service(OLD, update));
    engine.on('/tasks', tasks);
    const seen = watch(engine.socket, { service: 'web' });
    await seen.sees();
    const updates = async (image: string, State: string, Message: string, StartedAt = '1') => {
      engine.on('/services/web', service(image, { State, Message, StartedAt }));
      engine.event('service', 'update', 'serviceid', { name: 'web' });
      await seen.until(State, () => states(seen, 'web update').at(-1) === State);
    };
    return { engine, seen, updates };
  }

  it('is told by its tasks, without those that were over before', async () => {
    const { engine, seen } = await watched([task('aaa', 'running'), task('old', 'shutdown')]);
    engine.on('/tasks', [
      task('aaa', 'running', { DesiredState: 'shutdown' }),
      task('bbb', 'failed', {}, { Err: 'task: non-zero exit (1)', ContainerStatus: { ExitCode: 1 } }),
      task('ccc', 'complete', {}, { Err: 'unhealthy container', ContainerStatus: { ExitCode: 0 } }),
    ]);
    await seen.until('failed', () => incidents(seen).length > 1);
    expect(states(seen, 'web.1 aaa')).toEqual(['running', 'running, to end']);
    expect(states(seen, 'web.1 bbb')).toEqual(['failed (1)']);
    expect(states(seen, 'web.1 old')).toEqual([]);
    expect(seen.all('state').map(({ subject }) => subject)).toContain('web.1 aaa (shop:v1)');
    expect(incidents(seen).sort()).toEqual([
      'web.1 bbb (shop:v1) failed: task: non-zero exit (1)',
      'web.1 ccc (shop:v1) complete: unhealthy container',
    ]);
  });

  it('that Swarm rolls back by itself is told with from, to and why', async () => {
    const { seen, updates } = await watched([]);
    await updates('shop:v2', 'updating', 'update in progress');
    const why = 'update rolled back due to failure or early termination of task bbb';
    await updates(OLD, 'rollback_started', why);
    await updates(OLD, 'rollback_completed', 'rollback completed');
    expect(seen.all('platform')).toMatchObject([
      {
        ...{ platform: 'swarm', subject: 'web', act: 'rollback-started', byItself: true },
        ...{ from: 'shop:v2', to: 'shop:v1', message: why },
      },
      { act: 'rollback-completed', byItself: true, from: 'shop:v2', to: 'shop:v1' },
    ]);
  });

  it('that somebody rolls back is told apart from that', async () => {
    const { seen, updates } = await watched([], { State: 'completed', StartedAt: '0' });
    await updates('shop:v0', 'rollback_started', 'manually requested rollback');
    await updates('shop:v0', 'rollback_completed', 'rollback completed');
    expect(seen.all('platform')).toMatchObject([
      { act: 'rollback-started', byItself: false, from: 'shop:v1', to: 'shop:v0' },
      { act: 'rollback-completed', byItself: false },
    ]);
  });

  it('that Swarm leaves halfway is told; what was over before the first look is not', async () => {
    const { seen, updates } = await watched([], { State: 'rollback_completed', StartedAt: '0' });
    await updates('shop:v2', 'updating', 'update in progress');
    await updates('shop:v2', 'paused', 'update paused due to failure or early termination of task bbb');
    expect(seen.all('platform')).toMatchObject([{ act: 'gave-up', byItself: true, from: null, to: 'shop:v2' }]);
  });

  it('whose rollback was over at once is told without who asked for it', async () => {
    const { seen, updates } = await watched([]);
    await updates('shop:v2', 'updating', '');
    await updates(OLD, 'rollback_completed', 'rollback completed');
    expect(seen.all('platform')).toMatchObject([{ act: 'rollback-completed', byItself: null, from: 'shop:v2' }]);
  });

  it('that is not there is told so, and where there is no manager nothing is seen', async () => {
    const engine = await fakeEngine();
    const missing = watch(engine.socket, { service: 'web' });
    await missing.sees();
    await missing.stop();
    expect(states(missing, 'web')).toEqual([null]);
    expect(missing.all('unseen')).toHaveLength(1);
    engine.on('/services/web', (_, response) => {
      response.writeHead(503).end('{"message":"This node is not a swarm manager."}');
    });
    const worker = watch(engine.socket, { service: 'web' });
    await worker.until('blind', () => worker.all('blind').length === 1);
    expect(worker.all('blind')[0]?.detail).toBe('the engine answers with 503: This node is not a swarm manager.');
  });
});

describe('an engine that', () => {
  async function blindTo(prepare: (engine: FakeEngine) => void): Promise<string> {
    const engine = await fakeEngine();
    engine.on('/containers/json', []);
    prepare(engine);
    const seen = watch(engine.socket, { containers: ['web'] });
    await seen.until('blind', () => seen.all('blind').length === 1);
    expect(seen.all('sees')).toEqual([]);
    return seen.all('blind')[0]?.detail ?? '';
  }
  const raw = (text: string) => (request: { socket: { end(text: string): void } }) => request.socket.end(text);

  it.each([
    ['answers without end', '/containers/json', /an answer of more than 1048576 bytes/, endless],
    ['says what is no JSON', '/containers/json', /is no JSON/, (_: unknown, response: Reply) => response.end('<html>')],
    ['says what is no list', '/containers/json', /it is no list/, { message: 'hello' }],
    ['is none', '/version', /is no Docker engine/, { hello: 'world' }],
    ['is none, with a hostile version', '/version', /is no Docker engine/, { ApiVersion: '1.41/../../x' }],
    ['speaks no HTTP', '/version', /is no HTTP/, raw('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
    ['refuses', '/containers/json', /^the engine answers with 500: no way$/, refusing],
    ['refuses its events', '/events', /refuses its events with 500/, refusing],
    ['hangs up', '/containers/json', /./, (request: { socket: { destroy(): void } }) => request.socket.destroy()],
  ] as [string, string, RegExp, object][])('%s is not seen', async (_, path, why, answer) => {
    expect(await blindTo((engine) => engine.on(path, answer))).toMatch(why);
  });

  it('does not answer is given up after 3 s, and asked again', async () => {
    const engine = await fakeEngine();
    engine.on('/containers/json', () => {});
    const seen = watch(engine.socket, { containers: ['web'] });
    await seen.until('blind', () => seen.all('blind').length === 1);
    expect(seen.all('blind')[0]?.detail).toMatch(/no answer on .* within 3000 ms/);
    engine.on('/containers/json', [container('web', 'running', UP)]);
    await seen.sees();
  });

  it('drips its answer is given up as well', async () => {
    const engine = await fakeEngine();
    engine.on('/containers/json', (_request: unknown, response: Reply) => {
      const timer = setInterval(() => response.write(' '), 200);
      response.on('close', () => clearInterval(timer));
    });
    const seen = watch(engine.socket, { containers: ['web'] });
    await seen.until('blind', () => seen.all('blind').length === 1);
    expect(seen.all('blind')[0]?.detail).toMatch(/within 3000 ms/);
  });

  it('sends events without end, or too many, is not seen until it behaves', async () => {
    for (const [flood, why] of [
      ['x'.repeat(70_000), /an event of more than 65536 bytes/],
      [`${JSON.stringify({ Type: 'container', Actor: { ID: 'x' } })}\n`.repeat(30_000), /bytes of events in a second/],
    ] as const) {
      const engine = await fakeEngine();
      engine.on('/containers/json', [container('web', 'running', UP)]);
      const seen = watch(engine.socket, { containers: ['web'] });
      await seen.sees();
      engine.tell(flood);
      await seen.until('blind', () => seen.all('blind').length === 1);
      expect(seen.all('blind')[0]?.detail).toMatch(why);
      await seen.until('it sees again', () => seen.all('sees').length === 2);
      expect(states(seen, 'web')).toEqual(['running (healthy)']);
    }
  });

  it('sends events that are none is not believed, and does no harm', async () => {
    const engine = await fakeEngine();
    engine.on('/containers/json', [container('web', 'running', UP), 7, null, { Id: {} }, { Id: 'x', Names: 'web' }]);
    const seen = watch(engine.socket, { containers: ['web'] });
    await seen.sees();
    engine.tell('null\n[]\n{"Type":7}\nnot json\n{"Type":"container","Action":{},"Actor":{"ID":"x"}}\n\n');
    engine.event('container', 'kill', idOf('web'), { name: 'web', signal: 'SIG$(reboot)' });
    await seen.until('a signal', () => states(seen, 'web').length === 2);
    expect(states(seen, 'web')).toEqual(['running (healthy)', 'running (healthy), sent a signal']);
    await seen.stop();
    expect(seen.all('blind')).toEqual([]);
  });

  it('has more containers than are looked at says so', async () => {
    const engine = await fakeEngine();
    const many = Array.from({ length: 150 }, (_, n) => container(`shop-${n}`, 'running', UP));
    engine.on('/containers/json', many);
    const seen = watch(engine.socket, { containers: ['shop-*'] });
    await seen.sees();
    await seen.stop();
    expect(seen.all('state')).toHaveLength(100);
    expect(seen.all('unseen').map(({ detail }) => detail)).toEqual(['more than 100 containers']);
  });

  it('tells of ends without end is believed for the first thousand', async () => {
    const engine = await fakeEngine();
    engine.on('/containers/json', [container('web', 'running', UP)]);
    const seen = watch(engine.socket, { containers: ['web'] });
    await seen.sees();
    for (let n = 0; n < 1200; n += 1) engine.event('container', 'kill', idOf(`${n}`), { name: 'web', signal: '9' });
    await seen.until('the bound', () => seen.all('unseen').length === 1);
    expect(incidents(seen)).toHaveLength(1000);
  });

  it('ends its events was away: nothing is seen until it listens again', async () => {
    const engine = await fakeEngine();
    engine.on('/containers/json', [container('web', 'running', UP)]);
    const seen = watch(engine.socket, { containers: ['web'] });
    await seen.sees();
    engine.hangUp();
    await seen.until('blind', () => seen.all('blind').length === 1);
    expect(seen.all('blind')[0]?.detail).toBe('the engine ended its stream of events');
    await seen.until('it sees again', () => seen.all('sees').length === 2);
    engine.close();
    await seen.until('blind again', () => seen.all('blind').length === 2);
  });
});

describe('the socket of the engine', () => {
  it('is the one that is named, that of DOCKER_HOST, or the usual one', async () => {
    expect(engineSocket('/run/x.sock', 'tcp://10.0.0.1:2375')).toBe('/run/x.sock');
    expect(engineSocket(null, 'unix:///run/user/1000/docker.sock')).toBe('/run/user/1000/docker.sock');
    expect(engineSocket(null, '')).toBe('/var/run/docker.sock');
    expect(() => engineSocket(null, 'ssh://root:hunter22@web1')).toThrow(/^DOCKER_HOST is ssh:\/\/: an engine/);
  });

  it('that is not there, or is none, is said', async () => {
    const path = join(folder(), 'none.sock');
    const seen = watch(path, { containers: ['web'] });
    await seen.until('blind', () => seen.all('blind').length === 1);
    expect(seen.all('blind')[0]?.detail).toBe(`there is no socket ${path}`);
    expect(existsSync(path)).toBe(false);
  });
});

it('doctor says whether the engine answers', async () => {
  const engine = await fakeEngine();
  const check = (socket: string) => {
    const plan = { kind: 'docker', name: 'shop', of: 'the containers shop', on: null, socket };
    return checkWatchers({ setup: [], watch: [plan] } as unknown as Scenario);
  };
  expect(await check(engine.socket)).toMatchObject([
    { state: 'OK', found: 'the containers shop: engine 20.10.24, API 1.41' },
  ]);
  expect(await check(join(folder(), 'none'))).toMatchObject([
    { state: 'MISSING', found: expect.stringContaining('there is no socket') },
  ]);
});

interface Reply {
  on(event: 'close', listener: () => void): void;
  write(text: string): boolean;
  end(text?: string): void;
}

function refusing(_: unknown, response: Reply & { statusCode: number }): void {
  response.statusCode = 500;
  response.end('{"message":"no way"}');
}

function endless(_: unknown, response: Reply & { once(event: 'drain', listener: () => void): void }): void {
  let isOpen = true;
  response.on('close', () => {
    isOpen = false;
  });
  const more = (): void => {
    if (!isOpen) return;
    if (response.write('x'.repeat(64 * 1024))) setImmediate(more);
    else response.once('drain', more);
  };
  more();
}
