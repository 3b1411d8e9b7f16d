import { describe, expect, it } from 'vitest';
import { filterThrough } from '../../src/platform/filter.js';

const OPTIONS = { input: '', cwd: '/', timeoutMs: 20_000, maxBytes: 1_000_000 };

describe('a program that text goes through', () => {
  it('reads the input and writes the output, exactly', async () => {
    const input = 'ä 😀\n\nlast';
    expect(await filterThrough(['/bin/cat'], { ...OPTIONS, input })).toEqual({
      exitCode: 0,
      output: input,
      errors: '',
    });
  });

  it('tells its exit code and its errors', async () => {
    const end = await filterThrough(['/bin/sh', '-c', 'echo no >&2; exit 3'], OPTIONS);
    expect(end).toEqual({ exitCode: 3, output: '', errors: 'no\n' });
  });

  it('need not read its input', async () => {
    const end = await filterThrough(['/bin/sh', '-c', 'exit 0'], { ...OPTIONS, input: 'x'.repeat(1_000_000) });
    expect(end).toMatchObject({ exitCode: 0 });
  });

  it('sees nothing of the environment', async () => {
    const end = await filterThrough(['/usr/bin/env'], OPTIONS);
    expect(end).toEqual({ exitCode: 0, output: '', errors: '' });
  });

  it.each([
    ['is not there', ['/nowhere/at/all'], {}],
    ['does not end', ['/bin/sh', '-c', 'exec sleep 60'], { timeoutMs: 300 }],
    ['writes without an end', ['/bin/sh', '-c', 'while :; do echo yes; done'], { maxBytes: 1000 }],
  ] as const)('is a fault where it %s', async (_, argv, more) => {
    expect(await filterThrough(argv as unknown as [string], { ...OPTIONS, ...more })).toHaveProperty('fault');
  });

  it('ends when it is told to', async () => {
    const abort = new AbortController();
    const end = filterThrough(['/bin/sh', '-c', 'exec sleep 60'], { ...OPTIONS, signal: abort.signal });
    abort.abort();
    expect(await end).toHaveProperty('fault');
  });
});
