import { describe, expect, it } from 'vitest';
import { classify } from '../../src/wire/classify.js';
import type { Exchange } from '../../src/wire/exchange.js';
import type { RequestPlan } from '../../src/wire/plan.js';

const REQUEST: RequestPlan = {
  method: 'GET',
  path: '/',
  headers: {},
  body: null,
  expect: { statuses: null, body: null, json: [], headers: [] },
};

function seen(part: Partial<Exchange>): Exchange {
  return {
    sentAt: 0,
    writtenAt: 1,
    firstByteAt: null,
    endedAt: 2,
    reuse: 0,
    idleMs: 0,
    status: null,
    headers: {},
    body: null,
    bytes: 0,
    answerBegun: false,
    timedOut: false,
    resolving: false,
    error: null,
    ...part,
  };
}

function fault(code: string, message = code): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}

describe('the fate of a request', () => {
  it.each([
    ['EMFILE', 'descriptors'],
    ['ENFILE', 'descriptors'],
    ['EADDRNOTAVAIL', 'ports'],
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
  ])('is unsent where the machine of the harness said %s before a byte was written', (code, cause) => {
    expect(classify(REQUEST, seen({ writtenAt: null, error: fault(code) }), 'strict')).toMatchObject({
      kind: 'unsent',
      cause,
    });
  });

  it.each([
    ['ECONNREFUSED', 'refused'],
    ['EHOSTUNREACH', 'refused'],
    ['ENETUNREACH', 'refused'],
    ['ECONNRESET', 'reset'],
    ['ETIMEDOUT', 'timeout'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ])('is lost where connecting failed with %s', (code, cause) => {
    expect(classify(REQUEST, seen({ writtenAt: null, error: fault(code) }), 'strict')).toMatchObject({
      kind: 'lost',
      cause,
    });
  });

  it('names the first error where several addresses were tried', () => {
    const error = new AggregateError([fault('ECONNREFUSED'), fault('ENETUNREACH')]);
    expect(classify(REQUEST, seen({ writtenAt: null, error }), 'strict')).toMatchObject({
      kind: 'lost',
      cause: 'refused',
    });
  });

  it('is a timeout of connecting where the connection never stood', () => {
    const outcome = classify(REQUEST, seen({ writtenAt: null, timedOut: true, error: fault('ZDD') }), 'strict');
    expect(outcome).toMatchObject({ kind: 'lost', cause: 'timeout', detail: 'connect' });
  });

  it.each([
    [200, null, 'ok'],
    [302, null, 'ok'],
    [399, null, 'ok'],
    [400, null, 'wrong'],
    [503, null, 'wrong'],
    [409, [201, 409], 'ok'],
    [200, [201, 409], 'wrong'],
    [503, [503], 'ok'],
  ])('with status %i where %j is expected is %s', (status, statuses, kind) => {
    const request = { ...REQUEST, expect: { ...REQUEST.expect, statuses } };
    expect(classify(request, seen({ status }), 'strict').kind).toBe(kind);
  });

  it.each([
    ['GET', 1, false, 'retryable'],
    ['HEAD', 1, false, 'retryable'],
    ['POST', 1, false, 'lost'],
    ['GET', 0, false, 'lost'],
    ['GET', 1, true, 'lost'],
  ])('for a browser, of a %s after %i requests, bytes seen: %j, is %s', (method, reuse, answerBegun, kind) => {
    const result = seen({ reuse, answerBegun, error: fault('ECONNRESET') });
    expect(classify({ ...REQUEST, method }, result, 'browser').kind).toBe(kind);
    expect(classify({ ...REQUEST, method }, result, 'strict').kind).toBe('lost');
  });

  it('keeps what the server said short', () => {
    const error = Object.assign(new Error('x'.repeat(10_000)), { name: 'HTTPParserError' });
    const outcome = classify(REQUEST, seen({ answerBegun: true, error }), 'strict');
    expect(outcome).toMatchObject({ kind: 'lost', cause: 'protocol' });
    expect('detail' in outcome && outcome.detail.length).toBeLessThanOrEqual(250);
  });
});
