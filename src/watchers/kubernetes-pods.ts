import { harmsOf, type Told } from './kubernetes-harms.js';
import { createLeast } from './kubernetes-least.js';
import { containersOf, type Endpoints, type Pod } from './kubernetes-objects.js';
import { createStates } from './states.js';
import type { WatchContext } from './watcher.js';

/** What is recorded of the pods of a deployment: how each is, and which services send it requests. */
export interface PodsView {
  list(pods: Pod[]): void;
  change(pod: Pod, isGone: boolean): void;
  listEndpoints(all: Endpoints[]): void;
  changeEndpoints(endpoints: Endpoints, isGone: boolean): void;
  /** Whether it was one of these pods, and has been ready and is not being deleted. */
  find(pod: string): { isServing: boolean } | null;
  /** The values of a second. */
  second(): void;
}

interface Known extends Told {
  text: string;
  isReady: boolean;
  wasReady: boolean;
}

/** Pods that are told apart; a loop that makes pods does not fill the record. */
const PODS = 1000;

export function createPodsView({ record }: Pick<WatchContext, 'record'>): PodsView {
  const state = createStates({ record });
  const pods = new Map<string, Known>();
  const gone = new Map<string, Known>();
  /** The pods that each service sends requests to; null where that is not seen. */
  let services: Map<string, Set<string>> | null = null;
  let isFull = false;
  let isListed = false;
  const least = createLeast(record);

  const show = (name: string): void => {
    const pod = pods.get(name);
    const via =
      services === null ? [] : [...services].filter(([, ready]) => ready.has(name)).map(([service]) => service);
    if (pod === undefined) {
      if (gone.has(name)) state(`pod ${name}`, via.length === 0 ? null : `gone, in rotation (${via.join(', ')})`);
      return;
    }
    state(`pod ${name}`, via.length === 0 ? pod.text : `${pod.text}, in rotation (${via.sort().join(', ')})`);
  };
  const see = (pod: Pod): void => {
    const name = pod.metadata?.name ?? '';
    const known = pods.get(name) ?? gone.get(name);
    if (known === undefined && pods.size + gone.size >= PODS) {
      if (!isFull) record({ what: 'unseen', detail: `pods beyond the first ${PODS}` });
      isFull = true;
      return;
    }
    const next = known ?? {
      text: '',
      isReady: false,
      wasReady: false,
      isDeleted: false,
      restarts: new Map(),
      told: new Set<string>(),
    };
    next.text = textOf(pod);
    next.isReady = isReady(pod);
    next.wasReady ||= next.isReady;
    next.isDeleted = pod.metadata?.deletionTimestamp !== undefined;
    gone.delete(name);
    pods.set(name, next);
    for (const { subject, detail } of harmsOf(pod, next, known === undefined))
      record({ what: 'incident', subject, detail: `pod ${name}: ${detail}` });
    show(name);
  };
  const lose = (name: string): void => {
    const known = pods.get(name);
    if (known === undefined) return;
    pods.delete(name);
    gone.set(name, known);
    show(name);
  };
  const route = (endpoints: Endpoints | null, service: string): void => {
    services ??= new Map();
    const before = services.get(service) ?? new Set();
    const after = new Set(endpoints === null ? [] : readyPods(endpoints).slice(0, PODS));
    if (after.size === 0) services.delete(service);
    else services.set(service, after);
    for (const name of new Set([...before, ...after])) show(name);
  };

  const count = (): void => {
    if (!isListed) return;
    least.see('ready', [...pods.values()].filter(({ isReady }) => isReady).length);
    if (services === null) return;
    const routed = new Set([...services.values()].flatMap((names) => [...names].filter((name) => pods.has(name))));
    least.see('in_rotation', routed.size);
  };

  return {
    list(items) {
      const names = new Set(items.map(({ metadata }) => metadata?.name ?? ''));
      for (const name of [...pods.keys()]) if (!names.has(name)) lose(name);
      for (const pod of items) see(pod);
      isListed = true;
      count();
    },
    change(pod, isGone) {
      see(pod);
      if (isGone) lose(pod.metadata?.name ?? '');
      count();
    },
    listEndpoints(all) {
      services ??= new Map();
      const names = new Set(all.map(({ metadata }) => metadata?.name ?? ''));
      for (const service of services.keys()) if (!names.has(service)) route(null, service);
      for (const endpoints of all) route(endpoints, endpoints.metadata?.name ?? '');
      count();
    },
    changeEndpoints(endpoints, isGone) {
      route(isGone ? null : endpoints, endpoints.metadata?.name ?? '');
      count();
    },
    find(name) {
      const pod = pods.get(name) ?? gone.get(name);
      return pod === undefined ? null : { isServing: pod.wasReady && !pod.isDeleted };
    },
    second: least.second,
  };
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: said }) => type === 'Ready' && said === 'True') ?? false;
}

/** `Pending (ImagePullBackOff)`, `not ready`, `ready`, `being deleted`. */
function textOf(pod: Pod): string {
  const { status, metadata } = pod;
  if (metadata?.deletionTimestamp !== undefined) return isReady(pod) ? 'being deleted, ready' : 'being deleted';
  const phase = status?.phase ?? 'Unknown';
  if (phase === 'Running' && isReady(pod)) return 'ready';
  const waiting = containersOf(pod).find(({ state }) => state?.waiting?.reason !== undefined)?.state?.waiting?.reason;
  const unscheduled = status?.conditions?.find(({ type, status: said }) => type === 'PodScheduled' && said === 'False');
  const why = status?.reason ?? waiting ?? unscheduled?.reason;
  const text = phase === 'Running' ? 'not ready' : phase;
  return why === undefined ? text : `${text} (${why})`;
}

function readyPods({ subsets }: Endpoints): string[] {
  const addresses = (subsets ?? []).flatMap(({ addresses: ready }) => ready ?? []);
  return addresses.flatMap(({ targetRef }) => (targetRef?.kind === 'Pod' && targetRef.name ? [targetRef.name] : []));
}
