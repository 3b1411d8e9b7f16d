import { FAILURES_KEPT, type FailedRequest } from '../../model/run.js';
import type { Attributed } from './attribution.js';

export interface FailureLog {
  sample(a: Attributed): void;
  failures(): FailedRequest[];
}

/** The first failed requests in order of their end. */
export function createFailureLog(): FailureLog {
  const failures: FailedRequest[] = [];
  return {
    sample({ sample, phase, failed }) {
      if (failed && failures.length < FAILURES_KEPT) failures.push({ ...sample, phase });
    },
    failures: () => failures.slice(),
  };
}
