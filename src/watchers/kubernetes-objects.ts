/** What is read of the API's objects. A server may leave out any of it. */
export interface Metadata {
  name?: string;
  uid?: string;
  resourceVersion?: string;
  annotations?: Record<string, string>;
  /** When its grace period is over, to the second. */
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
}

export interface Condition {
  type?: string;
  status?: string;
  reason?: string;
  message?: string;
}

export interface Deployment {
  metadata?: Metadata;
  spec?: {
    replicas?: number;
    paused?: boolean;
    progressDeadlineSeconds?: number;
    selector?: LabelSelector;
    template?: { spec?: { containers?: { name?: string; image?: string }[] } };
  };
  status?: {
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    unavailableReplicas?: number;
    conditions?: Condition[];
  };
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[];
}

export interface Terminated {
  exitCode?: number;
  reason?: string;
  /** To the second. */
  finishedAt?: string;
}

export interface ContainerStatus {
  name?: string;
  restartCount?: number;
  state?: { waiting?: { reason?: string }; terminated?: Terminated };
  lastState?: { terminated?: Terminated };
}

export interface Pod {
  metadata?: Metadata;
  status?: {
    phase?: string;
    reason?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

interface Address {
  targetRef?: { kind?: string; name?: string };
}

export interface Endpoints {
  metadata?: Metadata;
  subsets?: { addresses?: Address[]; notReadyAddresses?: Address[] }[] | null;
}

/** Of `core/v1`. */
export interface ClusterEvent {
  metadata?: Metadata;
  type?: string;
  reason?: string;
  message?: string;
  involvedObject?: { kind?: string; name?: string };
}

export function containersOf({ status }: Pod): ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** As a query says it: `app=shop,tier in (web,api),!canary`. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = matchExpressions.map(({ key = '', operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${values.join(',')})`;
  });
  return [...equal, ...others].join(',');
}
