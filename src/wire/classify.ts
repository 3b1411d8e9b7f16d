import type { LostCause, Outcome, UnsentCause } from '../model/outcome.js';
import type { Exchange } from './exchange.js';
import { unmetExpectation } from './expect.js';
import type { RequestPlan } from './plan.js';

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

/**
 * The fate of one request, from what was seen on the wire. `client: browser` forgives what a browser would hide:
 * a loss before any byte, on a reused connection, of a safe method.
 */
export function classify(request: RequestPlan, result: Exchange, client: 'strict' | 'browser'): Outcome {
  if (result.error === null) return judgeAnswer(request, result);
  const unsent = result.writtenAt === null && !result.timedOut ? UNSENT_BY_CODE[codeOf(result.error)] : undefined;
  if (unsent !== undefined) return { kind: 'unsent', cause: unsent, detail: codeOf(result.error) };
  if (result.timedOut && result.resolving) return { kind: 'unsent', cause: 'dns', detail: 'no answer' };
  const { cause, detail } = causeOf(result, result.error);
  const forgivable = client === 'browser' && (cause === 'reset' || cause === 'closed') && result.reuse > 0;
  if (forgivable && SAFE_METHODS.has(request.method)) return { kind: 'retryable', cause, status: null, detail };
  return { kind: 'lost', cause, status: result.status, detail };
}

function judgeAnswer(request: RequestPlan, result: Exchange): Outcome {
  const status = result.status as number;
  const { statuses } = request.expect;
  const expected = statuses === null ? status >= 200 && status <= 399 : statuses.includes(status);
  if (!expected) {
    const wanted = statuses === null ? '200-399' : statuses.join(' or ');
    return { kind: 'wrong', cause: 'unexpected-status', status, detail: `status ${status}, expected ${wanted}` };
  }
  const unmet = unmetExpectation(request.expect, result);
  return unmet === null ? { kind: 'ok', status } : { kind: 'wrong', cause: 'expectation', status, detail: unmet };
}

function causeOf(result: Exchange, error: NodeJS.ErrnoException): { cause: LostCause; detail: string } {
  const code = codeOf(error);
  if (result.timedOut) return { cause: 'timeout', detail: timeoutDetail(result) };
  if (result.writtenAt === null) return connectCause(code, error);
  if (isProtocolError(code, error, result)) return { cause: 'protocol', detail: shortened(error.message, code) };
  const how = code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED' ? 'reset' : 'closed';
  if (result.answerBegun) {
    const part = result.status === null ? 'in the headers' : `after ${result.bytes} bytes of the body`;
    return { cause: 'truncated', detail: `${how === 'reset' ? 'RST' : 'FIN'} ${part}` };
  }
  if (how === 'reset') return { cause: 'reset', detail: code };
  if (code === 'UND_ERR_SOCKET') return { cause: 'closed', detail: 'FIN' };
  if (isTlsError(code)) return { cause: 'tls', detail: shortened(error.message, code) };
  if (code === 'ETIMEDOUT') return { cause: 'timeout', detail: code };
  return { cause: 'closed', detail: shortened(error.message, code) };
}

function connectCause(code: string, error: Error): { cause: LostCause; detail: string } {
  if (isTlsError(code)) return { cause: 'tls', detail: shortened(error.message, code) };
  if (code === 'ETIMEDOUT') return { cause: 'timeout', detail: 'connect' };
  if (code === 'ECONNRESET' || code === 'EPIPE') return { cause: 'reset', detail: `${code} while connecting` };
  return { cause: 'refused', detail: code || shortened(error.message, code) };
}

/** An attempt over several addresses fails with one error for each: the first says it. */
function codeOf(error: NodeJS.ErrnoException): string {
  if (error.code) return error.code;
  const inner = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined) : undefined;
  return inner?.code ?? '';
}

function timeoutDetail(result: Exchange): string {
  if (result.writtenAt === null) return 'connect';
  if (result.status !== null) return `body, after ${result.bytes} bytes`;
  return result.answerBegun ? 'headers' : 'no byte of an answer';
}

/** What undici says of an answer that is not HTTP, or beyond the bounds of one. */
function isProtocolError(code: string, error: Error, result: Exchange): boolean {
  // The end of the connection inside a chunk is no other protocol: the answer was cut.
  if (error.name === 'HTTPParserError') return !error.message.includes('Invalid EOF state');
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return result.status === null;
  if (code === 'UND_ERR_SOCKET') return error.message === 'bad response' || error.message === 'bad upgrade';
  return PROTOCOL_CODES.has(code);
}

const PROTOCOL_CODES = new Set([
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
  'HPE_ENDLESS_INTERIM',
  'ERR_ASSERTION',
]);

function isTlsError(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code);
}

function shortened(message: string, code: string): string {
  return `${code === '' ? '' : `${code}: `}${message}`.slice(0, 200);
}
