import { createLeast } from './kubernetes-least.js';
import type { Condition, Deployment } from './kubernetes-objects.js';
import { createStates } from './states.js';
import type { WatchContext } from './watcher.js';

/** What is recorded of the deployment itself. */
export interface DeploymentView {
  /** Null: it is not there. */
  see(deployment: Deployment | null): void;
  /** The values of a second. */
  second(): void;
}

/** Conditions of a deployment by their types, which are its subjects. */
const CONDITIONS = ['Progressing', 'Available', 'ReplicaFailure'];
const REVISION = 'deployment.kubernetes.io/revision';
const EXCEEDED = 'ProgressDeadlineExceeded';

export function createDeploymentView(name: string, { record }: Pick<WatchContext, 'record'>): DeploymentView {
  const state = createStates({ record });
  let wasStuck: boolean | null = null;
  const images: { before: string | null; last: string | null } = { before: null, last: null };
  const least = createLeast(record);

  return {
    see(deployment) {
      state('replicas', replicasOf(deployment));
      state('revision', deployment?.metadata?.annotations?.[REVISION] ?? null);
      const image = imagesOf(deployment);
      state('image', image);
      if (image !== images.last) {
        images.before = images.last;
        images.last = image;
      }
      const conditions = deployment?.status?.conditions ?? [];
      for (const type of CONDITIONS) {
        const condition = conditions.find((each) => each.type === type);
        // Most deployments never have one: its absence says something only where it was there.
        if (condition !== undefined || type !== 'ReplicaFailure') state(type, conditionOf(condition));
        else state(type, 'False');
      }
      const stuck = conditions.find(({ type, reason }) => type === 'Progressing' && reason === EXCEEDED);
      // It leaves old and new as they are: to go back is for somebody else.
      if (stuck !== undefined && wasStuck === false)
        record({
          ...{ what: 'platform', platform: 'kubernetes', subject: name, act: 'gave-up', byItself: true },
          ...{ from: images.before, to: images.last, message: stuckText(deployment, stuck) },
        });
      wasStuck = stuck !== undefined;
      if (deployment === null) least.forget('available');
      else least.see('available', deployment.status?.availableReplicas ?? 0);
    },
    second: least.second,
  };
}

/** The API leaves out numbers that are 0. */
function replicasOf(deployment: Deployment | null): string | null {
  if (deployment === null) return null;
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  const desired = deployment.spec?.replicas ?? 1;
  const parts = [
    `${desired} desired`,
    ...(replicas === desired ? [] : [`${replicas} there`]),
    `${updatedReplicas} updated`,
    `${readyReplicas} ready`,
    `${availableReplicas} available`,
    ...((deployment.status?.unavailableReplicas ?? 0) > 0
      ? [`${deployment.status?.unavailableReplicas} unavailable`]
      : []),
    ...(deployment.spec?.paused === true ? ['paused'] : []),
  ];
  return parts.join(', ');
}

function imagesOf(deployment: Deployment | null): string | null {
  const containers = deployment?.spec?.template?.spec?.containers ?? [];
  return containers.length === 0 ? null : containers.map(({ image = '' }) => image).join(', ');
}

function conditionOf(condition: Condition | undefined): string | null {
  if (condition === undefined) return null;
  return `${condition.status ?? 'Unknown'} (${condition.reason ?? 'no reason'})`;
}

function stuckText(deployment: Deployment | null, { message = '' }: Condition): string {
  const seconds = deployment?.spec?.progressDeadlineSeconds ?? 600;
  return `${EXCEEDED}: no progress for ${seconds} s${message === '' ? '' : `; ${message}`}`;
}
