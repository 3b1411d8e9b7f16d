import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/wire/failure.js';

function failed(code: string, address: string): Error {
  return Object.assign(new Error(`${code} ${address}`), { code, address });
}

describe('an attempt over several addresses', () => {
  it.each([
    [[failed('ECONNREFUSED', '::1'), failed('EMFILE', '127.0.0.1')], 'EMFILE'],
    [[failed('ECONNREFUSED', '::1'), failed('EADDRNOTAVAIL', '127.0.0.1')], 'EADDRNOTAVAIL'],
    [[failed('EADDRNOTAVAIL', '::1'), failed('ECONNREFUSED', '127.0.0.1')], 'ECONNREFUSED'],
    [[failed('ENETUNREACH', '2001:db8::1'), failed('ETIMEDOUT', '192.0.2.1')], 'ETIMEDOUT'],
    [[failed('ECONNREFUSED', '192.0.2.1'), failed('ETIMEDOUT', '192.0.2.2')], 'ETIMEDOUT'],
    [[failed('ECONNREFUSED', '192.0.2.1'), failed('EHOSTUNREACH', '192.0.2.2')], 'ECONNREFUSED'],
    [[failed('ENETUNREACH', '2001:db8::1')], 'ENETUNREACH'],
  ])('that failed with %s failed with %s', (errors, code) => {
    // As Node makes it: it carries the code of the first.
    const error = Object.assign(new AggregateError(errors), { code: (errors[0] as NodeJS.ErrnoException).code });
    expect(failureOf(error, false)).toMatchObject({ how: 'connecting', code });
  });
});
