import { monotonicNs } from '../platform/clock.js';
import { type KubernetesApi, KubernetesError, type Query } from '../platform/kubernetes-api.js';
import type { DeploymentView } from './kubernetes-deployment.js';
import type { Warnings } from './kubernetes-events.js';
import { type ClusterEvent, type Deployment, type Endpoints, type Pod, selectorText } from './kubernetes-objects.js';
import type { PodsView } from './kubernetes-pods.js';

/** All that is followed of one deployment, until it is closed or something of it breaks. */
export interface Session {
  /** Asks the API server whether it still answers. @throws where something is no longer followed. */
  look(): Promise<void>;
  /** What is followed is no longer what there is: the deployment was made, or made anew. */
  isOver(): boolean;
  close(): void;
}

export interface Views {
  deployment: DeploymentView;
  pods: PodsView;
  warnings: Warnings;
}

interface Hooks {
  /** Something broke: nothing is seen any more. */
  lost(error: unknown): void;
  /** Something is not seen, while the rest is. */
  missed(detail: string): void;
  signal: AbortSignal;
}

/** A kind of objects that is listed once and then followed. */
interface Collection {
  what: string;
  path: string;
  query: Query;
  /** All there are. */
  list(items: unknown[]): void;
  /** `isGone`: it was deleted. */
  change(item: unknown, isGone: boolean): void;
}

/** Objects of a list that are looked at. */
const LISTED = 250;
const NONE = 'none';
const GONE = 410;
const FORBIDDEN = 403;
/** Two lists that are needed in less than this are a server that cannot be followed. */
const LIST_AGAIN_MS = 1000;
/** Looks at which the followed deployment may lie behind. */
const BEHIND = 4;

export async function openSession(
  { namespace, deployment: name }: { namespace: string; deployment: string },
  api: KubernetesApi,
  views: Views,
  hooks: Hooks,
): Promise<Session> {
  const closing = new AbortController();
  const signal = AbortSignal.any([hooks.signal, closing.signal]);
  const core = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  const deployments = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments`;
  /** By which the pods are found; null where there is no deployment. */
  const found: { selector: string | null } = { selector: null };
  let broken: unknown = null;
  let opened: string | null = null;
  let version: string | undefined;
  let isOver = false;
  let behind = 0;

  const see = (deployment: Deployment | null): void => {
    version = deployment?.metadata?.resourceVersion;
    const identity = deployment === null ? null : `${deployment.metadata?.uid}`;
    if (opened === null) found.selector = deployment === null ? null : selectorText(deployment.spec?.selector ?? {});
    opened ??= identity ?? NONE;
    // Pods of one that is deleted are followed to their end.
    if (identity !== null && identity !== opened) isOver = true;
    views.deployment.see(deployment);
  };
  const collections = (selector: string): Collection[] => [
    {
      what: 'endpoints',
      path: `${core}/endpoints`,
      query: {},
      list: (items) => views.pods.listEndpoints(items as Endpoints[]),
      change: (item, isGone) => views.pods.changeEndpoints(item as Endpoints, isGone),
    },
    {
      what: 'pods',
      path: `${core}/pods`,
      query: { labelSelector: selector },
      list: (items) => views.pods.list(items as Pod[]),
      change: (item, isGone) => views.pods.change(item as Pod, isGone),
    },
    {
      what: 'events',
      path: `${core}/events`,
      query: { fieldSelector: 'type=Warning', limit: '1' },
      list: () => {},
      change: (item, isGone) => (isGone ? undefined : views.warnings.see(item as ClusterEvent)),
    },
  ];
  const follow = (collection: Collection, from: string): void => {
    followFrom(api, collection, from, hooks.missed, signal).catch((error: unknown) => {
      if (signal.aborted) return;
      broken = error;
      closing.abort();
      hooks.lost(error);
    });
  };

  const own: Collection = {
    what: 'deployments',
    path: deployments,
    query: { fieldSelector: `metadata.name=${name}` },
    list: ([item]) => see((item as Deployment | undefined) ?? null),
    change: (item, isGone) => see(isGone ? null : (item as Deployment)),
  };
  try {
    const followed: [Collection, string][] = [[own, await list(api, own, hooks.missed, signal)]];
    for (const collection of found.selector === null ? [] : collections(found.selector)) {
      const at = await listIfAllowed(api, collection, hooks.missed, signal);
      if (at !== null) followed.push([collection, at]);
    }
    for (const [collection, at] of followed) follow(collection, at);
  } catch (error) {
    closing.abort();
    throw error;
  }

  return {
    async look() {
      if (broken !== null) throw broken;
      const now = await api.get(`${deployments}/${encodeURIComponent(name)}`, {}, signal).catch((error: unknown) => {
        if (error instanceof KubernetesError && error.status === 404) return null;
        throw broken ?? error;
      });
      const there = (now as Deployment | null)?.metadata?.resourceVersion;
      if (broken !== null) throw broken;
      behind = there === version ? 0 : behind + 1;
      if (behind > BEHIND) throw new KubernetesError('changes of the deployment no longer come');
    },
    isOver: () => isOver,
    close: () => closing.abort(),
  };
}

/** The version that the list is of. */
async function list(
  api: KubernetesApi,
  { what, path, query, list: seen }: Collection,
  missed: Hooks['missed'],
  signal: AbortSignal,
): Promise<string> {
  const found = (await api.get(path, { limit: String(LISTED), ...query }, signal)) as {
    metadata?: { resourceVersion?: unknown; continue?: unknown };
    items?: unknown;
  } | null;
  const version = found?.metadata?.resourceVersion;
  // A server written in Go says an empty list as `null`.
  const items = found?.items ?? [];
  if (typeof version !== 'string' || !Array.isArray(items)) throw new KubernetesError(`the list of ${what} is none`);
  if (typeof found?.metadata?.continue === 'string' && found.metadata.continue !== '' && query.limit === undefined)
    missed(`${what} beyond the first ${LISTED}`);
  seen(items);
  return version;
}

/** Null where it may not be seen, which is said. */
async function listIfAllowed(...[api, collection, missed, signal]: Parameters<typeof list>): Promise<string | null> {
  try {
    return await list(api, collection, missed, signal);
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.status !== FORBIDDEN) throw error;
    missed(`${collection.what}: ${error.message}`);
    return null;
  }
}

/** Follows changes from a version on; where the server no longer has that one, it is listed again. */
async function followFrom(
  api: KubernetesApi,
  collection: Collection,
  from: string,
  missed: Hooks['missed'],
  signal: AbortSignal,
): Promise<never> {
  const { what, path, query, change } = collection;
  const { limit: _, ...watched } = query;
  let version = from;
  let listedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const beganAt = monotonicMs();
    try {
      await api.watch(
        path,
        { ...watched, resourceVersion: version },
        ({ type, object }) => {
          const { code, metadata } = (object ?? {}) as { code?: unknown; metadata?: { resourceVersion?: unknown } };
          if (type === 'ERROR')
            throw new KubernetesError(`the API server ends the watch of ${what}`, Number(code) || 0);
          if (typeof metadata?.resourceVersion !== 'string') throw new KubernetesError(`an event of ${what} is none`);
          version = metadata.resourceVersion;
          if (type !== 'BOOKMARK') change(object, type === 'DELETED');
        },
        signal,
      );
      // A server that ends every watch at once is not to be asked without a pause.
      if (monotonicMs() - beganAt < LIST_AGAIN_MS)
        throw new KubernetesError(`the API server ends every watch of ${what}`);
    } catch (error) {
      const isGone = error instanceof KubernetesError && error.status === GONE;
      if (!isGone || monotonicMs() - listedAt < LIST_AGAIN_MS) throw error;
      missed(`changes of ${what} that the API server had forgotten before they were read`);
      listedAt = monotonicMs();
      version = await list(api, collection, missed, signal);
    }
  }
}

function monotonicMs(): number {
  return Number(monotonicNs()) / 1e6;
}
