import dns from 'node:dns';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { lookupInTime } from '../../src/platform/resolver.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** How a lookup ended; `meanwhile` is done right after it was begun. */
function lookUp(meanwhile: () => void = () => {}): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    lookupInTime('localhost', {}, (error) => resolve(error));
    meanwhile();
  });
}

describe('the lookup of a connection', () => {
  it('has not failed where its answer waited for this thread, which stood still', async () => {
    const standStill = (): void => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    };
    expect(await lookUp(standStill)).toBeNull();
  });

  it('has failed where the resolver took longer than half a second', async () => {
    vi.spyOn(dns, 'lookup').mockImplementation(((
      _name: string,
      _options: object,
      done: (...args: unknown[]) => void,
    ) => {
      setTimeout(done, 700, null, '127.0.0.1', 4);
    }) as never);
    expect(await lookUp()).toMatchObject({ code: 'EAI_AGAIN' });
  });
});
