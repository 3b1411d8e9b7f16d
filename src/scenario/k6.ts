import { formatPath, type Path } from './problem.js';

interface Refusal {
  message: string;
  hint: string;
}

const NO_USERS: Refusal = {
  message: 'an open loop has no virtual users to provide: each arrival is sent when it is due',
  hint: 'the most requests under way at once are `maxInFlight`; without it there is room for all to hang until their timeout',
};

/** Keys that k6 has beside a rate and that would be without effect here. */
const KEYS: Readonly<Record<string, Refusal>> = {
  'traffic.preAllocatedVUs': NO_USERS,
  'traffic.maxVUs': NO_USERS,
  'traffic.vus': NO_USERS,
  'traffic.iterations': {
    message: 'the traffic has no number of requests: it lasts as long as the release',
    hint: 'say how many arrive each second: `rate: 200/s`',
  },
  'traffic.duration': {
    message: 'the traffic lasts as long as the release',
    hint: 'before the first step it is on for `warmup` and `baseline`, after each step for its `hold`',
  },
  'traffic.gracefulStop': {
    message: 'every request is waited for until its timeout',
    hint: 'the timeout is `target.timeout`',
  },
};

/** Executors that start a request when another one is answered: an outage slows them down, and so hides itself. */
const CLOSED_LOOPS: readonly string[] = [
  'shared-iterations',
  'per-vu-iterations',
  'constant-vus',
  'ramping-vus',
  'externally-controlled',
];

/** Why a key of k6's cannot stand at `path`; null where it is none. */
export function keyOfK6(path: Path): Refusal | null {
  const key = formatPath(path);
  return Object.hasOwn(KEYS, key) ? (KEYS[key] as Refusal) : null;
}

/** Why an executor of k6's cannot be used; null where `value` is none. */
export function executorOfK6(path: Path, value: unknown): Refusal | null {
  if (formatPath(path) !== 'traffic.executor' || !CLOSED_LOOPS.includes(String(value))) return null;
  return {
    message: `\`${value}\` waits for answers before it sends more, which hides outages and stalls`,
    hint: 'write `constant-arrival-rate` or `ramping-arrival-rate`, with a rate',
  };
}
