import { formatCount, formatMs } from '../../model/units.js';
import type { Measure } from '../measure.js';
import { nameOf } from '../scope.js';
import { type LoggedErrors, loggedErrors } from '../watch-lines.js';
import type { Rule } from './rule.js';

const LINES_NAMED = 2;
const REQUESTS_NAMED = 5;

/** The proxy's log tells of requests that failed, at the time when requests failed. */
export const proxyErrors: Rule = {
  name: 'proxy-errors',
  find: (m) =>
    loggedErrors(m)
      .filter((found) => !isMasked(m, found))
      .map((found) => {
        const step = nameOf(m.run, found.phase);
        return {
          severity: 'note' as const,
          phase: step,
          claim: `${found.watch.name} has ${formatCount(found.count)} errors of requests in ${step}, where ${failedText(m, found.phase)} failed.`,
          evidence: [
            `${formatCount(found.byTime)} of ${formatCount(found.lines.length)} lines came within a second of a failure`,
            ...byRequest(found),
            ...lineEvidence(found),
          ],
          remedy: '',
        };
      }),
};

/** The proxy's log tells of requests that failed, and none of the traffic did. */
export const maskedErrors: Rule = {
  name: 'masked-errors',
  find: (m) =>
    loggedErrors(m)
      .filter((found) => isMasked(m, found))
      .map((found) => {
        const step = nameOf(m.run, found.phase);
        return {
          severity: 'risk' as const,
          phase: step,
          claim: `${found.watch.name} has ${formatCount(found.count)} errors of requests in ${step}, and no request of the traffic failed with them: masked by the proxy's retries, or requests of others (its checks, the readiness gate).`,
          evidence: lineEvidence(found),
          remedy:
            'A retry hides a failure only for requests that may be sent again, and while another server is there: let the backend drain before it ends.',
        };
      }),
};

/** `28 requests of the traffic and 10 of probes`. */
function failedText(m: Measure, phase: number): string {
  const { failed } = m.tally({ label: '', phases: [phase] });
  const ofProbes = m.run.probes.flatMap(({ failures }) => failures).filter((failure) => failure.phase === phase).length;
  const traffic = `${formatCount(failed)} requests of the traffic`;
  return ofProbes === 0 ? traffic : `${traffic} and ${formatCount(ofProbes)} of probes`;
}

/** Failures past those that are kept have no time of their own: a step with any is not clean. */
function isMasked(m: Measure, { byTime, byRequest: tied, phase }: LoggedErrors): boolean {
  return byTime === 0 && tied.length === 0 && m.tally({ label: '', phases: [phase] }).failed === 0;
}

function byRequest({ byRequest: tied }: LoggedErrors): string[] {
  if (tied.length === 0) return [];
  const named = tied.slice(0, REQUESTS_NAMED).map(({ seq }) => `#${seq}`);
  return [
    `${formatCount(tied.length)} name a request that failed: ${named.join(', ')}${tied.length > named.length ? ' and more' : ''}`,
  ];
}

export function lineEvidence({ byPattern, lines }: Pick<LoggedErrors, 'byPattern' | 'lines'>): string[] {
  return [
    `by kind: ${byPattern.map(({ pattern, count }) => `${formatCount(count)} ${pattern}`).join(', ')}`,
    ...lines.slice(0, LINES_NAMED).map(({ at, text }) => `at ${formatMs(at)}: ${text.slice(0, 300)}`),
  ];
}
