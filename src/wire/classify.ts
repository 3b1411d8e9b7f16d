import { beginningOf } from '../model/cut.js';
import type { LostCause, Outcome, UnsentCause } from '../model/outcome.js';
import type { Exchange, WireFailure } from './exchange.js';
import { unmetExpectation } from './expect.js';
import type { BlockedAnswer, RequestPlan } from './plan.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Faults of the machine the harness runs on: the request never left. */
const UNSENT_BY_CODE: Record<string, UnsentCause> = {
  EMFILE: 'descriptors',
  ENFILE: 'descriptors',
  ENOBUFS: 'descriptors',
  ENOMEM: 'descriptors',
  EADDRNOTAVAIL: 'ports',
  EADDRINUSE: 'ports',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  EAI_MEMORY: 'dns',
};

type Request = Pick<RequestPlan, 'method' | 'expect'>;

/**
 * The fate of one request, from what was seen on the wire. `client: browser` forgives what a browser would hide:
 * a loss before any byte, on a reused connection, of a safe method; but no reset of an HTTP/2 stream whose connection
 * lives on, unless the server said that it did not process the request. `blocked` are the answers that come from a rate
 * limiter or firewall, unless the request expects that very status.
 */
export function classify(
  request: Request,
  result: Exchange,
  client: 'strict' | 'browser',
  blocked: readonly BlockedAnswer[] = [],
): Outcome {
  const { failure } = result;
  if (failure === null) return judgeAnswer(request, result, blocked);
  if (failure.how === 'expired' && failure.while === 'resolving')
    return { kind: 'unsent', cause: 'dns', detail: 'no answer' };
  if (failure.how === 'connecting') {
    const cause = UNSENT_BY_CODE[failure.code];
    if (cause !== undefined) return { kind: 'unsent', cause, detail: failure.code };
  }
  const { cause, detail } = causeOf(result, failure);
  const ofStream = failure.how === 'reset' && failure.ofStream === true;
  const hidden =
    (cause === 'reset' && !ofStream) || cause === 'closed' || cause === 'goaway' || cause === 'refused-stream';
  const forgivable = client === 'browser' && hidden && result.reuse > 0 && SAFE_METHODS.has(request.method);
  if (forgivable) return { kind: 'retryable', cause, status: null, detail };
  return { kind: 'lost', cause, status: result.status, detail };
}

function judgeAnswer(request: Request, result: Exchange, blocked: readonly BlockedAnswer[]): Outcome {
  const status = result.status as number;
  const { statuses } = request.expect;
  const expected = statuses === null ? status >= 200 && status <= 399 : statuses.includes(status);
  if (!expected) {
    if (blocked.some((answer) => isBlocked(answer, result)))
      return { kind: 'blocked', status, detail: `status ${status}` };
    const wanted = statuses === null ? '200-399' : inRanges(statuses);
    return { kind: 'wrong', cause: 'unexpected-status', status, detail: `status ${status}, expected ${wanted}` };
  }
  const unmet = unmetExpectation(request.expect, result);
  return unmet === null ? { kind: 'ok', status } : { kind: 'wrong', cause: 'expectation', status, detail: unmet };
}

/** `200-299 or 404` for a list of statuses. */
function inRanges(statuses: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const status of statuses.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && status <= last[1] + 1) last[1] = status;
    else ranges.push([status, status]);
  }
  return ranges
    .map(([from, to]) => (to - from < 2 ? [...new Set([from, to])].join(' or ') : `${from}-${to}`))
    .join(' or ');
}

function isBlocked(answer: BlockedAnswer, result: Exchange): boolean {
  if (answer.status !== result.status) return false;
  const expect = { statuses: null, body: null, json: [], headers: answer.headers };
  return unmetExpectation(expect, result) === null;
}

function causeOf(result: Exchange, failure: WireFailure): { cause: LostCause; detail: string } {
  switch (failure.how) {
    case 'expired':
      return { cause: 'timeout', detail: timeoutDetail(result, failure.while) };
    case 'connecting':
      return connectCause(failure.code, failure.message);
    case 'tls':
      return { cause: 'tls', detail: shortened(failure.message, failure.code) };
    case 'protocol':
      return { cause: 'protocol', detail: shortened(failure.message, '') };
    case 'goaway':
    case 'refused-stream':
      return { cause: failure.how, detail: shortened(failure.message, '') };
    case 'reset':
    case 'closed':
      return cut(result, failure);
  }
}

function cut(
  result: Exchange,
  failure: Extract<WireFailure, { how: 'reset' | 'closed' }>,
): {
  cause: LostCause;
  detail: string;
} {
  if (result.answerBegun) {
    const part = result.status === null ? 'in the headers' : `after ${result.bytes} bytes of the body`;
    const end = failure.how === 'closed' ? 'FIN' : failure.code === 'ECONNRESET' ? 'RST' : failure.code;
    return { cause: 'truncated', detail: `${end} ${part}` };
  }
  if (failure.how === 'closed') return { cause: 'closed', detail: 'FIN' };
  if (failure.code === 'ETIMEDOUT') return { cause: 'timeout', detail: failure.code };
  return { cause: 'reset', detail: failure.code };
}

function connectCause(code: string, message: string): { cause: LostCause; detail: string } {
  if (code === 'ETIMEDOUT') return { cause: 'timeout', detail: 'connect' };
  if (code === 'ECONNRESET' || code === 'EPIPE') return { cause: 'reset', detail: `${code} while connecting` };
  if (code === 'FIN') return { cause: 'closed', detail: message };
  return { cause: 'refused', detail: code || shortened(message, code) };
}

function timeoutDetail(result: Exchange, stage: Extract<WireFailure, { how: 'expired' }>['while']): string {
  if (stage === 'connecting' || stage === 'resolving') return 'connect';
  if (stage === 'body') return `body, after ${result.bytes} bytes`;
  return stage === 'headers' ? 'headers' : 'no byte of an answer';
}

function shortened(message: string, code: string): string {
  return beginningOf(`${code === '' ? '' : `${code}: `}${message}`, 200);
}
