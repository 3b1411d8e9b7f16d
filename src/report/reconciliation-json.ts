import type { Reconciliation, RepeatedRequest } from '../model/reconciliation.js';
import type { Run } from '../model/run.js';

/** `reconciliation` of `run.json`, an entry for each side whose log was asked. Times are whole milliseconds of the run. */
export function reconciliationJson({ phases }: Run, found: readonly Reconciliation[]) {
  return found.map(({ requests, retried, repeated, ...rest }) => ({
    ...rest,
    requests: requests.map(({ endedAt, phase, ...request }) => ({
      ...request,
      endMs: Math.round(endedAt),
      phase: phases[phase]?.name ?? '',
    })),
    retried: retried.map(repeatedJson),
    repeated: repeated.map(repeatedJson),
  }));
}

function repeatedJson({ at, ...request }: RepeatedRequest) {
  return { ...request, atMs: Math.round(at) };
}
