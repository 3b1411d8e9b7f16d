import { describe, expect, it } from 'vitest';
import { classify } from '../../src/wire/classify.js';
import type { Exchange, WireFailure } from '../../src/wire/exchange.js';
import { failureOf } from '../../src/wire/failure.js';
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
    failure: null,
    ...part,
  };
}

/** What a socket's error means while the connection is being made. */
function connecting(code: string): WireFailure {
  return failureOf(Object.assign(new Error(code), { code }), false);
}

describe('the fate of a request', () => {
  it.each([
    ['EMFILE', 'descriptors'],
    ['ENFILE', 'descriptors'],
    ['EADDRNOTAVAIL', 'ports'],
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
  ])('is unsent where the machine of the harness said %s before a byte was written', (code, cause) => {
    expect(classify(REQUEST, seen({ writtenAt: null, failure: connecting(code) }), 'strict')).toMatchObject({
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
    expect(classify(REQUEST, seen({ writtenAt: null, failure: connecting(code) }), 'strict')).toMatchObject({
      kind: 'lost',
      cause,
    });
  });

  it('names the first error where several addresses were tried', () => {
    const errors = ['ECONNREFUSED', 'ENETUNREACH'].map((code) => Object.assign(new Error(code), { code }));
    const failure = failureOf(new AggregateError(errors), false);
    expect(classify(REQUEST, seen({ writtenAt: null, failure }), 'strict')).toMatchObject({
      kind: 'lost',
      cause: 'refused',
    });
  });

  it('is a timeout of connecting where the connection never stood', () => {
    const failure: WireFailure = { how: 'expired', while: 'connecting' };
    const outcome = classify(REQUEST, seen({ writtenAt: null, failure }), 'strict');
    expect(outcome).toMatchObject({ kind: 'lost', cause: 'timeout', detail: 'connect' });
  });

  it('is unsent where the time ran out while the name was being looked up', () => {
    const failure: WireFailure = { how: 'expired', while: 'resolving' };
    const outcome = classify(REQUEST, seen({ writtenAt: null, failure }), 'strict');
    expect(outcome).toMatchObject({ kind: 'unsent', cause: 'dns' });
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
    const result = seen({ reuse, answerBegun, failure: { how: 'reset', code: 'ECONNRESET' } });
    expect(classify({ ...REQUEST, method }, result, 'browser').kind).toBe(kind);
    expect(classify({ ...REQUEST, method }, result, 'strict').kind).toBe('lost');
  });

  it.each([
    [429, {}, [{ status: 429, headers: [] }], 'blocked'],
    [403, { server: 'cloudflare' }, [{ status: 403, headers: [{ name: 'server', value: 'cloudflare' }] }], 'blocked'],
    [403, { server: 'nginx' }, [{ status: 403, headers: [{ name: 'server', value: 'cloudflare' }] }], 'wrong'],
    [503, {}, [{ status: 429, headers: [] }], 'wrong'],
    [200, {}, [{ status: 200, headers: [] }], 'ok'],
  ])('with status %i and %j, where %j says that the app was not asked, is %s', (status, headers, blocked, kind) => {
    expect(classify(REQUEST, seen({ status, headers }), 'strict', blocked).kind).toBe(kind);
  });

  it.each([
    [{ how: 'goaway', message: 'GOAWAY' }, 'goaway'],
    [{ how: 'refused-stream', message: 'REFUSED_STREAM' }, 'refused-stream'],
  ] as const)('tells %j as %s, which a browser sends again', (failure, cause) => {
    expect(classify(REQUEST, seen({ failure, reuse: 1 }), 'strict')).toMatchObject({ kind: 'lost', cause });
    expect(classify(REQUEST, seen({ failure, reuse: 1 }), 'browser')).toMatchObject({ kind: 'retryable', cause });
  });

  it('is lost for a browser too, where the server reset its stream alone', () => {
    const failure: WireFailure = { how: 'reset', code: 'INTERNAL_ERROR', ofStream: true };
    expect(classify(REQUEST, seen({ failure, reuse: 1 }), 'browser')).toEqual({
      ...{ kind: 'lost', cause: 'reset', status: null, detail: 'INTERNAL_ERROR' },
    });
  });

  it('keeps what the server said short', () => {
    const failure: WireFailure = { how: 'protocol', message: 'x'.repeat(10_000) };
    const outcome = classify(REQUEST, seen({ answerBegun: true, failure }), 'strict');
    expect(outcome).toMatchObject({ kind: 'lost', cause: 'protocol' });
    expect('detail' in outcome && outcome.detail.length).toBeLessThanOrEqual(250);
  });
});
