import type { LogSide, WatcherName } from '../model/watch.js';
import type { RemoteHost } from '../platform/ssh.js';

/** One entry of `watch` with every default filled in. */
export type WatchPlan = {
  [Name in WatcherName]: WatchPlanBase & { kind: Name } & WatchOptions[Name];
}[WatcherName];

interface WatchPlanBase {
  /** Unique in the scenario. */
  name: string;
  /** What is watched, for people; without any secret. */
  of: string;
  /** Another machine, or a container; null for this one. */
  on: RemoteHost | null;
}

export type WatchPlanOf<Name extends WatcherName> = Extract<WatchPlan, { kind: Name }>;

/** A kind of line to look for. */
export interface LinePattern {
  name: string;
  /** Source of a regular expression; a group named `id` is the id of the request. */
  source: string;
  flags: string;
  /** Such a line stands for a request that failed behind the proxy. */
  isRequestError: boolean;
}

/** Which requests of the traffic a log names. */
export interface IdsPlan {
  side: LogSide;
  /** Lines that stand for one request each; null: every line with an id does. */
  match: { source: string; flags: string } | null;
}

/** What the scenario says of each watcher. Paths are absolute. */
export interface WatchOptions {
  link: { path: string };
  /** By the file that holds the main process' id, or by a regular expression over command lines. Descendants are included. */
  processes: { pidfile: string | null; match: { source: string; flags: string } | null };
  log: { path: string; patterns: LinePattern[]; ids?: IdsPlan };
  /** Addresses with a port (`127.0.0.1:8080`, `[::1]:80`, `*:8080` for any address) and paths of Unix sockets. */
  sockets: { listen: string[] };
  systemd: { units: string[] };
  journal: { units: string[]; patterns: LinePattern[] };
  /** The runtime API: a path, or host and port. No backend: all of them. */
  haproxy: { socket: string; backends: string[] };
  /**
   * Containers by their names (`shop-*`: all that begin so), or a Compose project, or a Swarm service: one of the three.
   * `socket` null: that of `DOCKER_HOST`, else the usual one.
   */
  docker: { containers: string[]; project: string | null; service: string | null; socket: string | null };
  /** `namespace` null: that of the context; `context` null: the current one; `kubeconfig` null: as kubectl finds it. */
  kubernetes: { deployment: string; namespace: string | null; context: string | null; kubeconfig: string | null };
  metric: { prometheus: string; query: string; headers: Record<string, string> };
  /** Lists, sets, sorted sets and streams (RQ, Celery, BullMQ `wait`) in Redis. */
  queue: { redis: string; keys: string[] };
  postgres: { url: string };
  resources: { what: ('cpu' | 'memory' | 'disk' | 'oom')[]; disk: string };
}
