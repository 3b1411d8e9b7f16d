import { describe, expect, it } from 'vitest';
import { startDocker, whyNoDocker } from './docker-machine.ts';
import { type Watched, watching } from './drive.ts';

const missing = whyNoDocker();
if (missing !== null) console.log(`skipped: ${missing}`);

const states = (watched: Watched, begin: string) =>
  watched.all('state').flatMap((each) => (each.subject.startsWith(begin) ? [each.value] : []));
const incidents = (watched: Watched) => watched.all('incident').map(({ detail }) => detail);

const DEAF = ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'];
const POLITE = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
const HEALTHY = [
  '--health-cmd',
  'test -e /tmp/well',
  '--health-interval',
  '1s',
  '--health-retries',
  '1',
  '--health-start-period',
  '60s',
];

describe.runIf(missing === null)('a Docker engine of its own', () => {
  it('tells of health, ends, signals and crashes of its containers', async () => {
    const { socket, docker } = startDocker();
    const run = (name: string, ...words: string[]) =>
      docker('run', '--detach', '--network', 'none', '--name', name, ...words);
    await run('web', ...HEALTHY, 'zdd/tiny:v1', ...POLITE);
    const options = { containers: ['web', 'app-*'], project: null, service: null, socket };
    const watched = watching('docker', options);
    await watched.sees();
    await watched.until('starting', () => states(watched, 'web ').at(-1) === 'running (starting)');
    await docker('exec', 'web', 'touch', '/tmp/well');
    await watched.until('healthy', () => states(watched, 'web ').at(-1) === 'running (healthy)');
    await watched.until('one is ready', () => watched.all('value').at(-1)?.value === 1);
    await docker('exec', 'web', 'rm', '/tmp/well');
    await watched.until('unhealthy', () => states(watched, 'web ').at(-1) === 'running (unhealthy)');
    await docker('stop', '--time', '5', 'web');
    await watched.until('its end', () => states(watched, 'web ').at(-1) === 'exited (0)');
    expect(incidents(watched)).toEqual([]);

    await run('app-deaf', 'zdd/tiny:v2', ...DEAF);
    await watched.until('it runs', () => states(watched, 'app-deaf ').at(-1) === 'running');
    await docker('stop', '--time', '1', 'app-deaf');
    await watched.until('its end', () => states(watched, 'app-deaf ').at(-1) === 'exited (137)');
    expect(states(watched, 'app-deaf ')).toContain('running, sent SIGTERM');
    expect(incidents(watched)).toEqual([
      expect.stringMatching(/^app-deaf .* was killed \(SIGKILL\) 1\.\d s after SIGTERM/),
    ]);
    expect(
      watched
        .all('state')
        .map(({ subject }) => subject)
        .join(),
    ).toMatch(/app-deaf \w{12} \(zdd\/tiny:v2\)/);

    await run('app-crash', 'zdd/tiny:v2', 'sh', '-c', 'sleep 1; exit 3');
    await watched.until('its crash', () => incidents(watched).length === 2);
    expect(incidents(watched)[1]).toMatch(/^app-crash.* ended by itself with exit code 3$/);
    await docker('rm', 'app-crash', 'app-deaf', 'web');
    await watched.until('gone', () => states(watched, 'web ').at(-1) === null);
    await watched.stop();
    expect(watched.all('blind')).toEqual([]);
    expect(watched.all('unseen')).toEqual([]);
  }, 180_000);

  it('as a swarm tells of tasks, of a rollback of its own, and of one that it was asked for', async () => {
    const { socket, docker, swarm } = startDocker();
    await swarm();
    const service = ['service', 'create', '--quiet', '--detach', '--no-resolve-image', '--network', 'host'];
    const update = ['--update-failure-action', 'rollback', '--update-monitor', '3s', '--update-order', 'start-first'];
    await docker(...service, ...update, '--name', 'web', '--stop-grace-period', '2s', 'zdd/tiny:v1', ...POLITE);
    const watched = watching('docker', { containers: [], project: null, service: 'web', socket });
    await watched.sees();
    const soon = (what: string, holds: () => boolean) => watched.until(what, holds);
    await soon('a task runs', () => states(watched, 'web.1 ').at(-1) === 'running');
    const update2 = (...words: string[]) =>
      docker('service', 'update', '--quiet', '--detach', '--no-resolve-image', ...words, 'web');

    await update2('--image', 'zdd/tiny:v2', '--args', 'sh -c "exit 7"');
    await soon('back by itself', () => states(watched, 'web update').at(-1) === 'rollback_completed');
    expect(watched.all('platform')).toMatchObject([
      {
        ...{ act: 'rollback-started', byItself: true, from: 'zdd/tiny:v2', to: 'zdd/tiny:v1' },
        message: expect.stringMatching(/^update rolled back due to failure or early termination of task /),
      },
      { act: 'rollback-completed', byItself: true },
    ]);
    expect(incidents(watched)[0]).toMatch(/^web\.1 \w+ \(zdd\/tiny:v2\) failed: task: non-zero exit \(7\)/);
    await expect(docker('service', 'rollback', '--quiet', '--detach', 'web')).rejects.toThrow(
      /does not have a previous spec/,
    );

    await update2('--image', 'zdd/tiny:v2');
    await soon('released', () => states(watched, 'web update').at(-1) === 'completed');
    await docker('service', 'rollback', '--quiet', '--detach', 'web');
    await soon('back on request', () => watched.all('platform').length === 4);
    expect(watched.all('platform').slice(2)).toMatchObject([
      { act: 'rollback-started', byItself: false, message: 'manually requested rollback' },
      { act: 'rollback-completed', byItself: false },
    ]);
    await watched.stop();
    expect(watched.all('blind')).toEqual([]);
  }, 240_000);
});
