import { describe, expect, it } from 'vitest';
import { type Watched, watching } from './drive.ts';
import { kubeconfigHere, kubectl, namespace, web, whyNoCluster } from './kubernetes-cluster.ts';
import { soon } from './servers.ts';

const missing = whyNoCluster();
if (missing !== null) console.log(`skipped: ${missing}`);

const ENDS_ON_TERM = 'trap "exit 0" TERM; busybox touch /ready; while :; do busybox sleep 1 & wait; done';
const STAYS_ON_TERM = 'trap "" TERM; busybox touch /ready; while :; do busybox sleep 1 & wait; done';
const PATIENCE_MS = 90_000;

const states = (watched: Watched, subject: string) =>
  watched.all('state').flatMap((each) => (each.subject === subject ? [each.value] : []));
const last = (watched: Watched, subject: string) => states(watched, subject).at(-1);
const pods = (watched: Watched) => [
  ...new Set(watched.all('state').flatMap(({ subject }) => (subject.startsWith('pod ') ? [subject] : []))),
];
const until = (what: string, holds: () => boolean) => soon(what, holds, PATIENCE_MS);

async function watched(place: string): Promise<Watched> {
  const options = { deployment: 'web', namespace: place, context: null, kubeconfig: await kubeconfigHere() };
  const seen = watching('kubernetes', options);
  await seen.sees();
  return seen;
}

async function serving(script: string): Promise<{ place: string; seen: Watched }> {
  const place = namespace();
  const seen = await watched(place);
  expect(states(seen, 'replicas')).toEqual([null]);
  kubectl(['-n', place, 'apply', '-f', '-'], web(script));
  await until(
    'two pods in rotation',
    () => pods(seen).filter((pod) => last(seen, pod) === 'ready, in rotation (web)').length === 2,
  );
  return { place, seen };
}

describe.runIf(missing === null)('a real cluster', () => {
  it('is followed through a rollout: no pod leaves before another serves, and each is told of from its begin to its end', async () => {
    const { place, seen } = await serving(ENDS_ON_TERM);
    const before = pods(seen);
    kubectl(['-n', place, 'rollout', 'restart', 'deployment/web']);
    await until('the old pods are gone', () => before.every((pod) => last(seen, pod) === null));
    await seen.stop();
    const after = pods(seen).filter((pod) => !before.includes(pod));
    expect(after).toHaveLength(2);
    for (const pod of after) {
      expect(states(seen, pod)[0]).toMatch(/^Pending/);
      expect(last(seen, pod)).toBe('ready, in rotation (web)');
    }
    for (const pod of before) expect(states(seen, pod).slice(-2)[0]).toMatch(/^being deleted/);
    expect(states(seen, 'revision').filter((value) => value !== null)).toEqual(['1', '2']);
    await seen.stop();
    const routed = seen.all('value').flatMap(({ subject, value }) => (subject === 'in_rotation' ? [value] : []));
    const full = routed.indexOf(2);
    expect(Math.min(...routed.slice(full))).toBe(2);
    expect([...seen.all('blind'), ...seen.all('unseen'), ...seen.all('incident'), ...seen.all('platform')]).toEqual([]);
  }, 200_000);

  it('tells of a container that was killed after its grace period', async () => {
    const { place, seen } = await serving(STAYS_ON_TERM);
    const [pod = ''] = pods(seen).map((subject) => subject.slice(4));
    kubectl(['-n', place, 'delete', 'pod', pod, '--wait=false']);
    await until('killed', () => seen.all('incident').some(({ subject }) => subject === 'killed'));
    const [killed] = seen.all('incident').filter(({ subject }) => subject === 'killed');
    expect(killed?.detail).toContain(`pod ${pod}: its container app was killed as it was deleted`);
    expect(killed?.detail).toContain('grace period of 2 s');
  }, 200_000);

  it('tells of a rollout that the platform gives up, and why its pods do not run', async () => {
    const { place, seen } = await serving(ENDS_ON_TERM);
    kubectl(['-n', place, 'apply', '-f', '-'], web(ENDS_ON_TERM, { image: 'zdd/none:1', deadline: 5 }));
    await until('given up', () => seen.all('platform').length > 0);
    expect(seen.all('platform')).toMatchObject([
      { platform: 'kubernetes', subject: 'web', act: 'gave-up', byItself: true, from: 'zdd/pause:1', to: 'zdd/none:1' },
    ]);
    expect(seen.all('platform')[0]?.message).toContain('ProgressDeadlineExceeded: no progress for 5 s');
    expect(pods(seen).map((pod) => last(seen, pod))).toContain('Pending (ErrImageNeverPull)');
    expect(last(seen, 'Progressing')).toBe('False (ProgressDeadlineExceeded)');
    kubectl(['-n', place, 'rollout', 'undo', 'deployment/web']);
    await until('back', () => last(seen, 'image') === 'zdd/pause:1');
    expect(seen.all('platform')).toHaveLength(1);
  }, 200_000);

  it('tells of a container that ends by itself', async () => {
    const { seen } = await serving('busybox touch /ready; busybox sleep 8; exit 3');
    await until('ended', () => seen.all('incident').some(({ subject }) => subject === 'ended'));
    const ended = seen.all('incident').find(({ subject }) => subject === 'ended');
    expect(ended?.detail).toContain('its container app ended with exit code 3 (Error)');
  }, 200_000);
});
