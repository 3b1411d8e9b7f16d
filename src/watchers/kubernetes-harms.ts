import { type ContainerStatus, containersOf, type Pod, type Terminated } from './kubernetes-objects.js';

/** Something that should not happen to a pod. */
export interface Harm {
  /** What it is told together with. */
  subject: string;
  detail: string;
}

/** What is on record of a pod. */
export interface Told {
  isDeleted: boolean;
  /** How often each container had been started. */
  restarts: Map<string, number>;
  /** Containers whose end is on record, by their names and how often they had been started; `evicted`. */
  told: Set<string>;
}

const SIGKILLED = 137;

/** What had happened to a pod when it was seen first is not told. */
export function harmsOf(pod: Pod, known: Told, isFirst: boolean): Harm[] {
  const harms = [...containersOf(pod).flatMap((container) => harmOf(container, pod, known) ?? [])];
  if (pod.status?.reason === 'Evicted' && !known.told.has('evicted')) {
    known.told.add('evicted');
    harms.push({ subject: 'evicted', detail: 'it was evicted from its node' });
  }
  return isFirst ? [] : harms;
}

/** A container that ended is told once, by its end or by the start that followed. */
function harmOf(
  { name = '', restartCount = 0, state, lastState }: ContainerStatus,
  pod: Pod,
  known: Told,
): Harm | null {
  const before = known.restarts.get(name) ?? 0;
  known.restarts.set(name, restartCount);
  const isAgain = restartCount > before;
  const end = state?.terminated ?? (state?.waiting === undefined && !isAgain ? undefined : lastState?.terminated);
  if (end === undefined && !isAgain) return null;
  // One that runs again is the one after that which ended.
  const run = `${name} ${state?.terminated === undefined && state?.waiting === undefined ? restartCount - 1 : restartCount}`;
  if (known.told.has(run)) return null;
  known.told.add(run);
  const isInit = pod.status?.initContainerStatuses?.some((each) => each.name === name) ?? false;
  if (isInit && end?.exitCode === 0) return null;
  if (!known.isDeleted) return { subject: 'ended', detail: `its container ${name} ended with ${endText(end)}` };
  if (end?.exitCode !== SIGKILLED || end.reason === 'OOMKilled') return null;
  return { subject: 'killed', detail: `its container ${name} was killed as it was deleted${whyKilled(pod, end)}` };
}

/** The end of the grace period is known to the second, and so is that of the container. */
const KNOWN_TO_MS = 2000;

function whyKilled({ metadata }: Pod, { finishedAt }: Terminated): string {
  const grace = `its grace period of ${metadata?.deletionGracePeriodSeconds ?? 30} s`;
  const leftMs = Date.parse(metadata?.deletionTimestamp ?? '') - Date.parse(finishedAt ?? '');
  if (leftMs > KNOWN_TO_MS) return `, ${Math.round(leftMs / 1000)} s before the end of ${grace}: not because of that`;
  return `: it had not ended within ${grace}`;
}

function endText(end: Terminated | undefined): string {
  if (end === undefined) return 'an unknown exit code';
  return `exit code ${end.exitCode ?? 'unknown'}${end.reason === undefined ? '' : ` (${end.reason})`}`;
}
