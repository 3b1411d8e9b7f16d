import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/scenario/redact.js';
import { needsBody, unmetExpectation, versionOf } from '../../src/wire/expect.js';
import type { Expectation } from '../../src/wire/plan.js';

const NOTHING: Expectation = { statuses: null, body: null, json: [], headers: [] };

function answer(text: string, headers: Record<string, string> = {}) {
  return { headers, body: Buffer.from(text) };
}

describe('an expectation', () => {
  it.each([
    ['contained text', { body: { contains: 'sku', matches: null } }, answer('a sku b'), null],
    ['text that is missing', { body: { contains: 'sku', matches: null } }, answer('nothing'), /does not contain "sku"/],
    ['a matching body', { body: { contains: null, matches: /^v\d+$/ } }, answer('v12'), null],
    ['a body that does not match', { body: { contains: null, matches: /^v\d+$/ } }, answer('w'), /does not match/],
    ['a header by value', { headers: [{ name: 'X-A', value: '1' }] }, answer('', { 'x-a': '1' }), null],
    [
      'a header by pattern',
      { headers: [{ name: 'content-type', value: /json/ }] },
      answer('', { 'content-type': 'application/json' }),
      null,
    ],
    [
      'a header that differs',
      { headers: [{ name: 'x-a', value: '1' }] },
      answer('', { 'x-a': '10' }),
      /header x-a is "10"/,
    ],
    ['a header that is missing', { headers: [{ name: 'x-a', value: /./ }] }, answer(''), /no header x-a/],
    ['a repeated header', { headers: [{ name: 'x-a', value: '1, 2' }] }, answer('', { 'x-a': '1, 2' }), null],
    ['a JSON value', { json: [{ path: '$.items[0].sku', value: 'A1' }] }, answer('{"items":[{"sku":"A1"}]}'), null],
    ['a JSON number by pattern', { json: [{ path: '$.n', value: /^4/ }] }, answer('{"n":42}'), null],
    ['a JSON object', { json: [{ path: '$.o', value: { a: [1, null] } }] }, answer('{"o":{"a":[1,null]}}'), null],
    ['a JSON null', { json: [{ path: '$.n', value: null }] }, answer('{"n":null}'), null],
    [
      'a JSON number for text',
      { json: [{ path: '$.n', value: '42' }] },
      answer('{"n":42}'),
      /\$\.n is 42, expected "42"/,
    ],
    ['a JSON value that is missing', { json: [{ path: '$.x', value: 1 }] }, answer('{}'), /\$\.x is missing/],
    ['a body that is no JSON', { json: [{ path: '$.x', value: 1 }] }, answer('<html>'), /not JSON/],
  ] as [string, Partial<Expectation>, ReturnType<typeof answer>, RegExp | null][])(
    'is held against %s',
    (_, part, given, unmet) => {
      const result = unmetExpectation({ ...NOTHING, ...part }, given);
      if (unmet === null) expect(result).toBeNull();
      else expect(result).toMatch(unmet);
    },
  );

  it('finds the same with a global pattern every time', () => {
    const expectation = { ...NOTHING, body: { contains: null, matches: /ok/g } };
    for (let n = 0; n < 3; n += 1) expect(unmetExpectation(expectation, answer('ok'))).toBeNull();
  });

  it('quotes an endless body in short', () => {
    const result = unmetExpectation({ ...NOTHING, body: { contains: 'x', matches: null } }, answer('y'.repeat(1e6)));
    expect(result!.length).toBeLessThan(300);
  });

  it('leaves nothing of a secret that it cuts where it quotes', () => {
    const secret = ['a', 'b', 'c'].map((text) => createHash('sha512').update(text).digest('base64url')).join('.');
    const redact = createRedactor([secret]);
    const given = answer(`bad token ${secret}`, { 'www-authenticate': `Bearer ${secret}` });
    const unmet = [
      { body: { contains: 'welcome', matches: null } },
      { body: { contains: null, matches: /welcome/ } },
      { headers: [{ name: 'www-authenticate', value: 'none' }] },
      { json: [{ path: '$.a', value: 1 }] },
    ].map((part) => unmetExpectation({ ...NOTHING, ...part }, given) as string);
    const version = versionOf({ from: 'header', name: 'www-authenticate' }, given) as string;
    for (const text of [...unmet, version]) {
      expect(redact(text)).toContain('[redacted]');
      for (let at = 0; at + 8 <= secret.length; at++) expect(redact(text)).not.toContain(secret.slice(at, at + 8));
    }
  });

  it('needs the body only where something looks into it', () => {
    expect(needsBody(NOTHING, null)).toBe(false);
    expect(needsBody({ ...NOTHING, headers: [{ name: 'a', value: 'b' }] }, { from: 'header', name: 'x' })).toBe(false);
    expect(needsBody({ ...NOTHING, json: [{ path: '$.a', value: 1 }] }, null)).toBe(true);
    expect(needsBody(NOTHING, { from: 'json', path: '$.v' })).toBe(true);
  });
});

describe('the version of an answer', () => {
  it.each([
    ['a header', { from: 'header', name: 'X-Release' }, answer('', { 'x-release': 'v2' }), 'v2'],
    ['JSON', { from: 'json', path: '$.version' }, answer('{"version":"v2"}'), 'v2'],
    ['a JSON number', { from: 'json', path: '$.version' }, answer('{"version":7}'), '7'],
    ['a pattern with a group', { from: 'body', pattern: /v(\S+)/ }, answer('shop v2.1 ok'), '2.1'],
    ['a pattern without a group', { from: 'body', pattern: /v\d/g }, answer('shop v2 ok'), 'v2'],
    ['no header', { from: 'header', name: 'x-release' }, answer(''), null],
    ['no JSON', { from: 'json', path: '$.version' }, answer('<html>'), null],
    ['a JSON object', { from: 'json', path: '$.version' }, answer('{"version":{}}'), null],
    ['no match', { from: 'body', pattern: /v\d/ }, answer('shop'), null],
  ] as [string, Parameters<typeof versionOf>[0], ReturnType<typeof answer>, string | null][])(
    'is read from %s',
    (_, plan, given, version) => {
      expect(versionOf(plan, given)).toBe(version);
    },
  );
});
