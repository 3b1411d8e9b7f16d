import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export type Kind = 'deployments' | 'pods' | 'endpoints' | 'events';
export interface Item {
  metadata: { name: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** One request to the API. */
export interface Asked {
  kind: Kind;
  /** Empty for a list or a watch. */
  name: string;
  isWatch: boolean;
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
}

/** An API server of a cluster with what the test puts there: it lists, and says changes to those that watch. */
export interface ApiServer {
  url: string;
  put(kind: Kind, item: Item): void;
  remove(kind: Kind, name: string): void;
  /** Watches of a kind that are under way. */
  watches(kind: Kind): ServerResponse[];
  asked: Asked[];
  /** Called before a request is answered as usual; true where it was dealt with. */
  instead: ((asked: Asked) => boolean) | null;
  /** A kubeconfig for it in this folder; its path. */
  kubeconfig(dir: string, user?: object): string;
}

const PATH = /^\/(?:api\/v1|apis\/apps\/v1)\/namespaces\/shop\/(deployments|pods|endpoints|events)(?:\/([^/]+))?$/;

export async function apiServer(tls?: { key: string; cert: string; ca: string }): Promise<ApiServer> {
  const items: Record<Kind, Map<string, Item>> = {
    deployments: new Map(),
    pods: new Map(),
    endpoints: new Map(),
    events: new Map(),
  };
  const log: { kind: Kind; version: number; line: string }[] = [];
  const watching: { kind: Kind; response: ServerResponse }[] = [];
  let version = 100;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://x');
    const [, kind, name = ''] = (PATH.exec(url.pathname) ?? []) as unknown as [string, Kind | undefined, string?];
    if (kind === undefined) {
      status(response, 404, 'no such path');
      return;
    }
    const asked = {
      kind,
      name,
      isWatch: url.searchParams.get('watch') === 'true',
      query: url.searchParams,
      request,
      response,
    };
    server.asked.push(asked);
    if (server.instead?.(asked) === true) return;
    if (asked.isWatch) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      const since = Number(url.searchParams.get('resourceVersion'));
      for (const each of log) if (each.kind === kind && each.version > since) response.write(each.line);
      const entry = { kind, response };
      watching.push(entry);
      response.on('close', () => watching.splice(watching.indexOf(entry), 1));
      return;
    }
    const all = { metadata: { resourceVersion: String(version) }, items: [...items[kind].values()] };
    const item = items[kind].get(name);
    if (name === '') json(response, all);
    else if (item === undefined) status(response, 404, `${kind} "${name}" not found`);
    else json(response, item);
  };

  const http = tls === undefined ? createServer(answer) : createTls({ key: tls.key, cert: tls.cert }, answer);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  const { port } = http.address() as AddressInfo;
  const tell = (kind: Kind, type: string, object: Item): void => {
    const line = `${JSON.stringify({ type, object })}\n`;
    log.push({ kind, version, line });
    // In two pieces: a line is not a chunk.
    for (const response of server.watches(kind)) {
      response.write(line.slice(0, 20));
      response.write(line.slice(20));
    }
  };
  const server: ApiServer = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked: [],
    instead: null,
    put(kind, item) {
      version += 1;
      const isThere = items[kind].has(item.metadata.name);
      const object = { ...item, metadata: { uid: 'u1', ...item.metadata, resourceVersion: String(version) } };
      items[kind].set(item.metadata.name, object);
      tell(kind, isThere ? 'MODIFIED' : 'ADDED', object);
    },
    remove(kind, name) {
      version += 1;
      const item = items[kind].get(name) as Item;
      items[kind].delete(name);
      tell(kind, 'DELETED', { ...item, metadata: { ...item.metadata, resourceVersion: String(version) } });
    },
    watches: (kind) => watching.filter((each) => each.kind === kind).map(({ response }) => response),
    kubeconfig(dir, user = { token: 'hunter22-token' }) {
      const path = join(dir, 'kubeconfig');
      const ca = tls === undefined ? {} : { 'certificate-authority-data': Buffer.from(tls.ca).toString('base64') };
      writeFileSync(
        path,
        // JSON is YAML.
        JSON.stringify({
          clusters: [{ name: 'c', cluster: { server: server.url, ...ca } }],
          users: [{ name: 'u', user }],
          contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
          'current-context': 'here',
        }),
      );
      return path;
    },
  };
  return server;
}

export function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function status(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }));
}

const progressing = (reason: string, status = 'True') => ({ type: 'Progressing', status, reason, message: 'in words' });

/** The Deployment `web` of four pods. */
export function deployment(image: string, revision: number, ready: number, reason = 'NewReplicaSetAvailable'): Item {
  const isFailed = reason === 'ProgressDeadlineExceeded';
  return {
    metadata: { name: 'web', annotations: { 'deployment.kubernetes.io/revision': String(revision) } },
    spec: {
      replicas: 4,
      progressDeadlineSeconds: 30,
      selector: { matchLabels: { app: 'web' } },
      template: { spec: { containers: [{ name: 'app', image }] } },
    },
    status: {
      ...{ replicas: 4, updatedReplicas: 4, readyReplicas: ready, availableReplicas: ready },
      ...(ready < 4 ? { unavailableReplicas: 4 - ready } : {}),
      conditions: [progressing(reason, isFailed ? 'False' : 'True')],
    },
  };
}

export function pod(
  name: string,
  said: { ready?: boolean; deleted?: boolean; phase?: string; container?: object } = {},
): Item {
  const { ready = true, deleted = false, phase = 'Running', container = { state: { running: {} } } } = said;
  return {
    metadata: {
      name,
      ...(deleted ? { deletionTimestamp: '2030-01-01T00:00:00Z', deletionGracePeriodSeconds: 10 } : {}),
    },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'app', restartCount: 0, ...container }],
    },
  };
}

export function endpoints(ready: string[]): Item {
  const address = (name: string) => ({ ip: '10.0.0.1', targetRef: { kind: 'Pod', name } });
  return { metadata: { name: 'web-service' }, subsets: [{ addresses: ready.map(address) }] };
}

export function warning(kind: string, name: string, reason: string, message: string): Item {
  return { metadata: { name: `${name}.${reason}` }, type: 'Warning', reason, message, involvedObject: { kind, name } };
}
