import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { WatchOptions } from '../../src/watchers/plan.js';
import { authority } from '../wire/certificates.ts';
import { folder, type Watched, watching } from './drive.ts';
import {
  type ApiServer,
  type Asked,
  apiServer,
  deployment,
  endpoints,
  json,
  pod,
  status,
  warning,
} from './kubernetes-server.ts';

const states = (watched: Watched, subject: string) =>
  watched.all('state').flatMap((each) => (each.subject === subject ? [each.value] : []));
const blind = (watched: Watched) => watched.all('blind').map(({ detail }) => detail);

type Options = Partial<WatchOptions['kubernetes']>;

const watch = (kubeconfig: string, options: Options = {}): Watched =>
  watching('kubernetes', { deployment: 'web', namespace: null, context: null, kubeconfig, ...options });

/** A cluster with `web` of two pods, which is watched. */
async function shop(): Promise<{ api: ApiServer; watched: Watched }> {
  const api = await filled();
  const watched = watch(api.kubeconfig(folder()));
  await watched.sees();
  return { api, watched };
}

async function filled(tls?: Parameters<typeof apiServer>[0]): Promise<ApiServer> {
  const api = await apiServer(tls);
  api.put('deployments', deployment('shop:v1', 1, 4));
  for (const name of ['web-1-a', 'web-1-b']) api.put('pods', pod(name));
  api.put('endpoints', endpoints(['web-1-a', 'web-1-b']));
  return api;
}

/** Answers some requests in another way. */
function refusing(
  api: ApiServer,
  isMeant: (asked: Asked) => boolean,
  answer: (response: Asked['response'], request: Asked['request']) => void,
): void {
  api.instead = (asked) => {
    if (!isMeant(asked)) return false;
    answer(asked.response, asked.request);
    return true;
  };
}

it('tells of a rollout: the deployment, each pod, and when it is sent requests', async () => {
  const { api, watched } = await shop();
  expect(states(watched, 'replicas')).toEqual(['4 desired, 4 updated, 4 ready, 4 available']);
  expect(states(watched, 'pod web-1-a')).toEqual(['ready, in rotation (web-service)']);
  expect(api.asked.find(({ kind }) => kind === 'pods')?.query.get('labelSelector')).toBe('app=web');
  await watched.until('the watches', () => api.watches('pods').length * api.watches('endpoints').length === 1);

  api.put('deployments', deployment('shop:v2', 2, 3, 'ReplicaSetUpdated'));
  api.put(
    'pods',
    pod('web-2-c', {
      ready: false,
      phase: 'Pending',
      container: { state: { waiting: { reason: 'ContainerCreating' } } },
    }),
  );
  api.put('pods', pod('web-2-c', { ready: false }));
  api.put('pods', pod('web-2-c'));
  await watched.until('the pod', () => states(watched, 'pod web-2-c').at(-1) === 'ready');
  api.put('endpoints', endpoints(['web-1-a', 'web-1-b', 'web-2-c']));
  await watched.until('its rotation', () => states(watched, 'pod web-2-c').length === 4);
  api.put('pods', pod('web-1-a', { deleted: true }));
  await watched.until('its deletion', () => states(watched, 'pod web-1-a').length === 2);
  api.put('endpoints', endpoints(['web-2-c']));
  await watched.until('out of rotation', () => states(watched, 'pod web-1-a').length === 3);
  api.remove('pods', 'web-1-a');
  await watched.until('gone', () => states(watched, 'pod web-1-a').at(-1) === null);
  await watched.stop();

  expect(states(watched, 'pod web-2-c')).toEqual([
    'Pending (ContainerCreating)',
    'not ready',
    'ready',
    'ready, in rotation (web-service)',
  ]);
  expect(states(watched, 'pod web-1-a')).toEqual([
    'ready, in rotation (web-service)',
    'being deleted, ready, in rotation (web-service)',
    'being deleted, ready',
    null,
  ]);
  expect(states(watched, 'replicas').at(-1)).toBe('4 desired, 4 updated, 3 ready, 3 available, 1 unavailable');
  expect(states(watched, 'image')).toEqual(['shop:v1', 'shop:v2']);
  expect(states(watched, 'revision')).toEqual(['1', '2']);
  expect(states(watched, 'Progressing')).toEqual(['True (NewReplicaSetAvailable)', 'True (ReplicaSetUpdated)']);
  expect([...watched.all('incident'), ...watched.all('blind'), ...watched.all('unseen')]).toEqual([]);
  // The last look says the least since the one before.
  const least = (subject: string) =>
    Math.min(...watched.all('value').flatMap((each) => (each.subject === subject ? [each.value] : [])));
  expect([least('available'), least('in_rotation')]).toEqual([3, 1]);
});

it('tells of containers that end: by themselves, for want of memory, and killed as they are deleted', async () => {
  const { api, watched } = await shop();
  await watched.until('the watch', () => api.watches('pods').length === 1);
  const oom = { exitCode: 137, reason: 'OOMKilled' };
  // The end and the start after it are one thing.
  api.put('pods', pod('web-1-a', { ready: false, container: { state: { terminated: oom } } }));
  api.put(
    'pods',
    pod('web-1-a', {
      ready: false,
      container: { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: oom } },
    }),
  );
  api.put(
    'pods',
    pod('web-1-a', { container: { restartCount: 1, state: { running: {} }, lastState: { terminated: oom } } }),
  );
  api.put(
    'pods',
    pod('web-1-a', {
      container: { restartCount: 2, state: { running: {} }, lastState: { terminated: { exitCode: 1 } } },
    }),
  );
  api.put(
    'pods',
    pod('web-1-b', {
      deleted: true,
      ready: false,
      container: { state: { terminated: { exitCode: 137, reason: 'Error' } } },
    }),
  );
  await watched.until('all', () => watched.all('incident').length >= 3);
  api.put('pods', pod('web-1-c', { deleted: true, ready: false, container: { state: { running: {} } } }));
  api.put(
    'pods',
    pod('web-1-c', { deleted: true, ready: false, container: { state: { terminated: { exitCode: 143 } } } }),
  );
  api.put('pods', pod('web-1-d', { deleted: true, ready: false, container: { state: { running: {} } } }));
  const early = { exitCode: 137, finishedAt: '2029-12-31T23:59:52Z' };
  api.put('pods', pod('web-1-d', { deleted: true, ready: false, container: { state: { terminated: early } } }));
  await watched.until('the last', () => watched.all('incident').length >= 4);
  await watched.stop();
  expect(watched.all('incident').map(({ subject, detail }) => `${subject}: ${detail}`)).toEqual([
    'ended: pod web-1-a: its container app ended with exit code 137 (OOMKilled)',
    'ended: pod web-1-a: its container app ended with exit code 1',
    'killed: pod web-1-b: its container app was killed as it was deleted: it had not ended within its grace period of 10 s',
    'killed: pod web-1-d: its container app was killed as it was deleted, 8 s before the end of its grace period of 10 s: not because of that',
  ]);
  expect(states(watched, 'pod web-1-a')).toContain('not ready (CrashLoopBackOff), in rotation (web-service)');
});

it('names a rollout that came no further as given up by the platform, and says so once', async () => {
  const { api, watched } = await shop();
  await watched.until('the watch', () => api.watches('deployments').length === 1);
  api.put('deployments', deployment('shop:v2', 2, 3, 'ReplicaSetUpdated'));
  for (let n = 0; n < 2; n += 1) api.put('deployments', deployment('shop:v2', 2, 3, 'ProgressDeadlineExceeded'));
  await watched.until('it', () => states(watched, 'Progressing').at(-1) === 'False (ProgressDeadlineExceeded)');
  await watched.stop();
  expect(watched.all('platform')).toMatchObject([
    {
      ...{ platform: 'kubernetes', subject: 'web', act: 'gave-up', byItself: true, from: 'shop:v1', to: 'shop:v2' },
      message: 'ProgressDeadlineExceeded: no progress for 30 s; in words',
    },
  ]);
});

it('tells of warnings about the deployment and pods that serve, not of others or of pods that start', async () => {
  const { api, watched } = await shop();
  await watched.until('the watch', () => api.watches('events').length === 1);
  api.put('pods', pod('web-2-c', { ready: false }));
  await watched.until('the pod', () => states(watched, 'pod web-2-c').length === 1);
  api.put('events', warning('Pod', 'web-2-c', 'Unhealthy', 'Readiness probe failed: 503'));
  api.put('events', warning('Pod', 'web-1-a', 'MissingClusterDNS', 'kubelet does not have ClusterDNS'));
  api.put('events', warning('Pod', 'other-1-a', 'FailedPreStopHook', 'not ours'));
  api.put('events', warning('ReplicaSet', 'web-api-7d9', 'FailedCreate', 'not ours'));
  for (let n = 0; n < 3; n += 1) api.put('events', warning('Pod', 'web-1-a', 'FailedPreStopHook', 'exit 1'));
  api.put('events', warning('Pod', 'web-1-b', 'Unhealthy', 'Readiness probe failed: 503'));
  api.put('events', warning('ReplicaSet', 'web-7d9', 'FailedCreate', 'quota'));
  await watched.until('the last', () => watched.all('incident').some(({ subject }) => subject === 'FailedCreate'));
  expect(watched.all('incident').map(({ detail }) => detail)).toEqual([
    'pod web-1-a: exit 1 (FailedPreStopHook)',
    'pod web-1-b: Readiness probe failed: 503 (Unhealthy)',
    'quota (FailedCreate)',
  ]);
});

it('lists again where the server has forgotten its version, in a stream or at its begin, and goes on', async () => {
  const { api, watched } = await shop();
  await watched.until('the watches', () => api.watches('pods').length * api.watches('endpoints').length === 1);
  let refused = false;
  api.instead = ({ kind, isWatch, response }) => {
    if (kind !== 'endpoints' || !isWatch || refused) return false;
    refused = true;
    status(response, 410, 'too old resource version');
    return true;
  };
  const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old resource version' } };
  api.watches('pods')[0]?.end(`${JSON.stringify(gone)}\n`);
  api.watches('endpoints')[0]?.destroy();
  await watched.until('it goes on', () => watched.all('unseen').length === 2 && watched.all('sees').length === 2);
  await watched.until('the watch', () => api.watches('pods').length === 1);
  api.put('pods', pod('web-2-c'));
  await watched.until('the pod', () => states(watched, 'pod web-2-c').length === 1);
  expect(
    watched
      .all('unseen')
      .map(({ detail }) => detail.split(' ')[2])
      .sort(),
  ).toEqual(['endpoints', 'pods']);
});

it('follows changes beyond a watch that the server ends in order', async () => {
  const { api, watched } = await shop();
  await watched.until('the watch', () => api.watches('pods').length === 1);
  const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '777' } } };
  api.watches('pods')[0]?.write(`${JSON.stringify(bookmark)}\n`);
  await new Promise((done) => setTimeout(done, 1100));
  api.watches('pods')[0]?.end();
  await watched.until('the next', () => api.asked.some(({ query }) => query.get('resourceVersion') === '777'));
  await watched.until('the watch', () => api.watches('pods').length === 1);
  api.put('pods', pod('web-2-c'));
  await watched.until('the pod', () => states(watched, 'pod web-2-c').length === 1);
  expect(blind(watched)).toEqual([]);
});

const BREAKS: [string, string, (api: ApiServer) => void][] = [
  ['garbage', 'the answer is none of an API server', (api) => void api.watches('pods')[0]?.write('<html>\n')],
  [
    'an event without a version',
    'an event of pods is none',
    (api) => void api.watches('pods')[0]?.write('{"type":"ADDED"}\n'),
  ],
  ['half a line', 'a watch ended within a line', (api) => void api.watches('pods')[0]?.end('{"type":')],
  ['a broken connection', 'the connection was lost', (api) => void api.watches('pods')[0]?.destroy()],
  [
    'a line without an end',
    'an event of more than 2097152 characters',
    (api) => void api.watches('pods')[0]?.write('x'.repeat(2_200_000)),
  ],
  [
    'a flood',
    'more than 1000 events in a second',
    (api) =>
      void api
        .watches('pods')[0]
        ?.write(
          `${JSON.stringify({ type: 'MODIFIED', object: { ...pod('web-1-a'), metadata: { name: 'web-1-a', resourceVersion: '1' } } })}\n`.repeat(
            2500,
          ),
        ),
  ],
];

it.each(BREAKS)('is blind by %s in a watch, and sees again when it has listed', async (_, said, breaks) => {
  const { api, watched } = await shop();
  await watched.until('the watch', () => api.watches('pods').length === 1);
  breaks(api);
  await watched.until('blind', () => blind(watched).length === 1);
  api.put('pods', pod('web-2-c'));
  await watched.until('it sees', () => watched.all('sees').length === 2);
  expect(blind(watched)).toEqual([said]);
  expect(states(watched, 'pod web-2-c').at(-1)).toBe('ready');
});

it('is blind where the server answers no longer, or its changes come no longer', async () => {
  const silent = await shop();
  silent.api.instead = ({ name }) => name !== '';
  await silent.watched.until('blind', () => blind(silent.watched).length === 1);
  expect(blind(silent.watched)).toEqual(['no answer within 3000 ms']);

  const stuck = await shop();
  await stuck.watched.until('the watch', () => stuck.api.watches('deployments').length === 1);
  stuck.api.watches = () => [];
  stuck.api.put('deployments', deployment('shop:v2', 2, 4));
  await stuck.watched.until('blind', () => blind(stuck.watched).length === 1);
  expect(blind(stuck.watched)).toEqual(['changes of the deployment no longer come']);
  await stuck.watched.until('it sees', () => states(stuck.watched, 'image').at(-1) === 'shop:v2');
}, 30_000);

it('is blind by a list that is too long, none, or refused, and says what it may not see while it sees the rest', async () => {
  for (const [said, answer] of [
    ['an answer of more than 4194304 bytes', (response) => json(response, { pad: 'x'.repeat(5_000_000) })],
    ['the list of pods is none', (response) => json(response, { items: 7 })],
    ['the answer is none of an API server', (response) => response.writeHead(200).end('<html>')],
    ['the API server answers with 500: etcd is gone', (response) => status(response, 500, 'etcd is gone')],
  ] as [string, (response: Parameters<typeof json>[0]) => void][]) {
    const api = await filled();
    refusing(api, ({ kind }) => kind === 'pods', answer);
    const watched = watch(api.kubeconfig(folder()));
    await watched.until('blind', () => blind(watched).length === 1);
    expect(blind(watched)).toEqual([said]);
    await watched.stop();
  }
  const api = await filled();
  refusing(
    api,
    ({ kind }) => kind === 'endpoints',
    (response) => status(response, 403, 'endpoints is forbidden'),
  );
  const watched = watch(api.kubeconfig(folder()));
  await watched.sees();
  expect(watched.all('unseen').map(({ detail }) => detail)).toEqual([
    'endpoints: the API server answers with 403: endpoints is forbidden',
  ]);
  expect(states(watched, 'pod web-1-a')).toEqual(['ready']);
});

it('tells of a deployment that is made, deleted and made anew', async () => {
  const api = await apiServer();
  const watched = watch(api.kubeconfig(folder()));
  await watched.sees();
  expect(states(watched, 'replicas')).toEqual([null]);
  await watched.until('the watch', () => api.watches('deployments').length === 1);
  api.put('deployments', deployment('shop:v1', 1, 4));
  api.put('pods', pod('web-1-a'));
  await watched.until('its pod', () => states(watched, 'pod web-1-a').length === 1);
  api.remove('deployments', 'web');
  await watched.until('gone', () => states(watched, 'replicas').at(-1) === null);
  const again = deployment('shop:v1', 1, 4);
  api.put('deployments', { ...again, metadata: { ...again.metadata, uid: 'u2' } });
  await watched.until('there', () => states(watched, 'replicas').at(-1) !== null);
  expect(blind(watched)).toEqual([]);
});

function tls(): NonNullable<Parameters<typeof apiServer>[0]> {
  const own = authority('cluster');
  const made = { ca: own.ca, ...own.issue('IP:127.0.0.1') };
  own.remove();
  return made;
}
const AUTHORITY = tls();
const PLUGIN = (body: string): string => {
  const path = join(folder(), 'plugin');
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
};
const credential = (status: object) => `echo '${JSON.stringify({ kind: 'ExecCredential', status })}'`;
const plugin = (body: string) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command: PLUGIN(body) },
});

it.each<[string, () => object, string]>([
  ['a token', () => ({ token: 'hunter22-token' }), 'Bearer hunter22-token'],
  [
    'a password',
    () => ({ username: 'shop', password: 'hunter22' }),
    `Basic ${Buffer.from('shop:hunter22').toString('base64')}`,
  ],
  ['a program', () => plugin(credential({ token: 'hunter22-run' })), 'Bearer hunter22-run'],
])('logs in by %s over TLS, and nothing of it is on record, even if it is said back', async (_, user, sent) => {
  const api = await filled(AUTHORITY);
  refusing(
    api,
    ({ kind }) => kind === 'events',
    (response, { headers }) => status(response, 403, `not for ${headers.authorization}`),
  );
  const watched = watch(api.kubeconfig(folder(), user()));
  await watched.sees();
  expect(api.asked[0]?.request.headers.authorization).toBe(sent);
  await watched.stop();
  expect(watched.all('unseen')).toHaveLength(1);
  expect(JSON.stringify(watched.events)).not.toContain('hunter22');
  expect(JSON.stringify(watched.events)).not.toContain(sent.split(' ')[1]);
});

it('asks the program again when its token ends, and reads the kubeconfig again when it is refused', async () => {
  const count = join(folder(), 'count');
  const soon = new Date(Date.now() + 31_500).toISOString();
  const body = `echo x >> ${count}\n${credential({ token: 'hunter22-$', expirationTimestamp: soon })}`;
  const api = await filled(AUTHORITY);
  const tokens = () => new Set(api.asked.map(({ request }) => request.headers.authorization));
  const dir = folder();
  const watched = watch(
    api.kubeconfig(dir, plugin(body.replace('hunter22-$', `hunter22-'$(wc -l < ${count} | tr -d " ")'`))),
  );
  await watched.until('a second token', () => tokens().size > 1);
  expect(blind(watched)).toEqual([]);
  refusing(
    api,
    ({ request }) => request.headers.authorization !== 'Bearer hunter22-new',
    (response) => status(response, 401, 'Unauthorized'),
  );
  await watched.until('refused', () => blind(watched).length === 1);
  api.kubeconfig(dir, { token: 'hunter22-new' });
  await watched.until('it sees', () => watched.all('sees').length === 2);
  expect(JSON.stringify(watched.events)).not.toContain('hunter22');
}, 30_000);

it('sends no credentials without TLS', async () => {
  const { api } = await shop();
  expect(api.asked.filter(({ request }) => request.headers.authorization !== undefined)).toEqual([]);
});

it('is blind with a kubeconfig that is of no use, without a word of what is in it', async () => {
  const api = await filled(AUTHORITY);
  const dir = folder();
  const file = (text: string): string => {
    const path = join(dir, `config-${text.length}`);
    writeFileSync(path, text);
    return path;
  };
  const strange = await filled({ ...AUTHORITY, ca: tls().ca });
  for (const [path, said, options] of [
    [join(dir, 'none'), 'ENOENT', {}],
    [file('users: [{ name: u, user: { token: hunter22 }\n  : ]: x'), 'the kubeconfig is no YAML', {}],
    [file('clusters: []'), 'it has no current context', {}],
    [api.kubeconfig(folder()), 'the kubeconfig has no context there', { context: 'there' }],
    [api.kubeconfig(folder(), plugin('echo hunter22; exit 3')), 'ended with exit code 3', {}],
    [api.kubeconfig(folder(), plugin('echo hunter22 >&2; echo "{hunter22"')), 'says no credential', {}],
    [api.kubeconfig(folder(), { exec: { command: './none' } }), 'cannot be started: ENOENT', {}],
    [api.kubeconfig(folder(), { 'auth-provider': { name: 'gcp' } }), 'use an exec plugin', {}],
    [strange.kubeconfig(folder()), 'certificate', {}],
  ] as [string, string, Options][]) {
    const watched = watch(path, options);
    await watched.until('blind', () => blind(watched).length === 1);
    expect(blind(watched)[0]).toContain(said);
    expect(JSON.stringify(watched.events)).not.toContain('hunter22');
    await watched.abort();
  }
});
