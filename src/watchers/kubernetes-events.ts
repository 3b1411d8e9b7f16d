import type { ClusterEvent } from './kubernetes-objects.js';
import type { PodsView } from './kubernetes-pods.js';
import type { WatchContext } from './watcher.js';

/** Warnings of the cluster that are about the deployment, its replica sets and its pods. */
export interface Warnings {
  see(event: ClusterEvent): void;
}

/** Different warnings that are on record. */
const KEPT = 100;
/** How the cluster is made, for every pod: no harm that a release does. */
const STANDING = ['MissingClusterDNS', 'DNSConfigForming'];
/** What a pod that starts or ends does is no harm. */
const PROBE_FAILED = /^(?:Readiness|Startup) probe (?:failed|errored)/;

export function createWarnings(
  deployment: string,
  pods: Pick<PodsView, 'find'>,
  { record }: Pick<WatchContext, 'record'>,
): Warnings {
  const told = new Set<string>();
  return {
    see({ reason = '', message = '', involvedObject: { kind = '', name = '' } = {} }) {
      const pod = kind === 'Pod' ? pods.find(name) : null;
      const replicaSet =
        kind === 'ReplicaSet' &&
        name.startsWith(`${deployment}-`) &&
        /^[a-z0-9]+$/.test(name.slice(deployment.length + 1));
      if (pod === null && !replicaSet && !(kind === 'Deployment' && name === deployment)) return;
      if (STANDING.includes(reason)) return;
      if (reason === 'Unhealthy' && PROBE_FAILED.test(message) && pod?.isServing !== true) return;
      // The API counts one that comes again.
      const key = `${name} ${reason}`;
      if (told.has(key) || told.size >= KEPT) return;
      told.add(key);
      const of = kind === 'Pod' ? `pod ${name}: ` : '';
      record({ what: 'incident', subject: reason, detail: `${of}${message} (${reason})` });
    },
  };
}
