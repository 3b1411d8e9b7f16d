import { messageOf } from '../model/errors.js';
import { type ClusterAccess, clusterAccess } from '../platform/kubernetes-access.js';
import { createKubernetesApi, KubernetesError } from '../platform/kubernetes-api.js';
import { createDeploymentView } from './kubernetes-deployment.js';
import { createWarnings } from './kubernetes-events.js';
import { createPodsView } from './kubernetes-pods.js';
import { openSession, type Session } from './kubernetes-session.js';
import { poll } from './poll.js';
import { createSight } from './sight.js';
import type { Watcher } from './watcher.js';

/** Between two looks whether all that is followed still comes; changes themselves come as they happen. */
const EVERY_MS = 1000;
const UNAUTHORIZED = 401;

/** A Deployment of Kubernetes: its rollout, its pods, and which of them the services send requests to. */
export const kubernetes: Watcher<'kubernetes'> = {
  name: 'kubernetes',
  async watch(plan, context) {
    const { signal } = context;
    const sight = createSight(context);
    const deployment = createDeploymentView(plan.deployment, context);
    const pods = createPodsView(context);
    const views = { deployment, pods, warnings: createWarnings(plan.deployment, pods, context) };
    const unseen = new Set<string>();
    const missed = (detail: string): void => {
      if (unseen.has(detail)) return;
      unseen.add(detail);
      context.record({ what: 'unseen', detail });
    };
    let access: ClusterAccess | null = null;
    let session: Session | null = null;
    const lost = (error: unknown): void => sight.blind(messageOf(error));
    const close = (): void => {
      session?.close();
      session = null;
    };
    try {
      await poll(context, EVERY_MS, async () => {
        try {
          access ??= await clusterAccess(plan);
          const place = { namespace: plan.namespace ?? access.namespace, deployment: plan.deployment };
          if (session?.isOver()) close();
          session ??= await openSession(place, createKubernetesApi(access), views, { lost, missed, signal });
          await session.look();
          sight.sees();
          deployment.second();
          pods.second();
        } catch (error) {
          close();
          if (error instanceof KubernetesError && error.status === UNAUTHORIZED) {
            access?.close();
            access = null;
          }
          lost(error);
        }
      });
    } finally {
      close();
      (access as ClusterAccess | null)?.close();
    }
  },
};
