import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginningOf, endOf } from '../../src/model/cut.js';
import { createRedactor, redactStrings } from '../../src/scenario/redact.js';

const SECRET = 'p&ss/w"r<d+ä1';

/** Text without a character of the mark, so that the mark can neither hide nor make a secret. */
const secrets = fc
  .string({ minLength: 6, maxLength: 40 })
  .filter((text) => text.trim() === text && !'[redacted]'.includes(text) && !text.includes('[redacted]'));

/** How a secret may come back in an answer. */
const FORMS: ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => encodeURIComponent(secret),
  (secret) => JSON.stringify(secret),
  (secret) => JSON.stringify(JSON.stringify(secret)),
  (secret) => JSON.stringify(JSON.stringify(secret).replaceAll('/', '\\/')),
  (secret) => Buffer.from(secret).toString('hex'),
  (secret) => Buffer.from(secret).toString('base64'),
  (secret) => Buffer.from(`u:${secret}`).toString('base64'),
  (secret) => Buffer.from(`me:${secret}:x`).toString('base64url'),
];

describe('redaction', () => {
  it.each([
    ['plain', SECRET],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in lower case', encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase())],
    ['JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(SECRET)).slice(3, -3)],
    ['HTML', 'p&amp;ss/w&quot;r&lt;d+ä1'],
    ['hex', Buffer.from(SECRET).toString('hex')],
    ['upper-case hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['base64', Buffer.from(SECRET).toString('base64').replace(/=+$/, '')],
    ['base64url', Buffer.from(SECRET).toString('base64url')],
  ])('hides a secret in %s', (_, text) => {
    expect(createRedactor([SECRET])(`before ${text} after`)).toBe('before [redacted] after');
  });

  it('hides each line of a key, but no line too short to be one', () => {
    const redact = createRedactor(['-----BEGIN KEY-----\nMIIEvQIBADANBg\nabc\n-----END KEY-----\n']);
    expect(redact('x MIIEvQIBADANBg y abc')).toBe('x [redacted] y abc');
  });

  it('hides both of two secrets that overlap', () => {
    expect(createRedactor(['abcdef', 'defghi'])('xabcdefghix')).toBe('x[redacted]x');
  });

  it.each([64, 76])('hides each line of base64 that is broken at %i characters', (width) => {
    const secret = 'a long secret, as keys are: '.repeat(6).trim();
    const redact = createRedactor([secret]);
    const encoded = Buffer.from(`${secret}\n`).toString('base64');
    for (let at = 0; at < encoded.length; at += width) {
      const line = encoded.slice(at, at + width);
      // The last characters hold the line break behind the secret.
      expect(redact(line).replace('[redacted]', '').length, line).toBeLessThanOrEqual(4);
    }
  });

  it('hides what a cut left of a secret, and no word that only begins like one', () => {
    const redact = createRedactor(['postgres://shop:hunter2@db/shop']);
    expect(redact('postgres')).toBe('postgres');
    expect(redact(`"${beginningOf('postgres://shop:hunter2@db/shop', 21)}, expected`)).toBe('"[redacted]…, expected');
    expect(redact(endOf('to postgres://shop:hunter2@db/shop failed', 20))).toBe('…[redacted] failed');
    expect(redact('please wait…')).toBe('please wait…');
  });

  it('leaves nothing of a secret at a cut, in any form, behind any text', () => {
    const around = fc.string({ unit: fc.constantFrom(' ', '.', ',', ';'), maxLength: 12 });
    const cut = fc.record({ keeps: fc.constantFrom(beginningOf, endOf), most: fc.nat(150) });
    fc.assert(
      fc.property(secrets, fc.constantFrom(...FORMS), around, around, cut, (secret, encode, before, after, cut) => {
        const encoded = encode(secret);
        const left = createRedactor([secret])(cut.keeps(`${before}${encoded}${after}`, cut.most));
        for (let at = 0; at + 8 <= encoded.length; at++) {
          const part = encoded.slice(at, at + 8);
          if (!/^[ .,;]*$/.test(part)) expect(left).not.toContain(part);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the text back where there are no secrets', () => {
    const text = 'x'.repeat(10);
    expect(createRedactor([])(text)).toBe(text);
    expect(createRedactor(['', 'abc'])('abc')).toBe('abc');
  });

  it('reaches into plain data and leaves what is no text', () => {
    const redact = createRedactor(['1234']);
    expect(redactStrings({ a: ['x1234', 1234, null], 1234: true }, redact)).toEqual({
      a: ['x[redacted]', 1234, null],
      '[redacted]': true,
    });
  });

  it('leaves no secret in any text around it', () => {
    fc.assert(
      fc.property(
        secrets,
        fc.string(),
        fc.string(),
        (secret, before, after) => !createRedactor([secret])(`${before}${secret}${after}`).includes(secret),
      ),
    );
  });

  it.each(['base64', 'base64url'] as const)('leaves no secret in %s of any longer text', (encoding) => {
    fc.assert(
      fc.property(secrets, fc.string({ maxLength: 7 }), fc.string({ maxLength: 7 }), (secret, before, after) => {
        const bytes = Buffer.from(secret);
        const encoded = Buffer.from(`${before}${secret}${after}`).toString(encoding);
        const redacted = createRedactor([secret])(encoded);
        // Whatever is left on either side of the mark decodes to bytes of the surroundings alone.
        const [head = '', ...rest] = redacted.split('[redacted]');
        const tail = rest.at(-1) ?? '';
        const at = Buffer.byteLength(before);
        return (
          rest.length > 0 &&
          Math.floor((head.length * 6) / 8) <= at &&
          (encoded.length - tail.length) * 6 >= (at + bytes.length) * 8
        );
      }),
    );
  });

  it('is quick in a long text', () => {
    const redact = createRedactor(['hunter2-hunter2', SECRET]);
    const text = 'GET /api/items?id=1234567890 200 12ms\n'.repeat(25_000);
    const from = performance.now();
    redact(text);
    expect(performance.now() - from).toBeLessThan(5000);
  });
});
