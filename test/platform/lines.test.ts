import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../src/platform/lines.js';

async function read(pieces: string[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(Readable.from(pieces))) lines.push(line);
  return lines;
}

describe('lines', () => {
  it('are the same wherever the text is cut, and hold every character but their end', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '\u2028', '\u2029', '\r', '"', ' '), minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(200)), async (lines, cuts) => {
        const text = lines.map((each) => `${each}\n`).join('');
        const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        expect(await read(at.slice(1).map((end, index) => text.slice(at[index], end)))).toEqual(lines);
      }),
    );
  });

  it('end with what stands behind the last end', async () => {
    expect(await read(['a\nb'])).toEqual(['a', 'b']);
    expect(await read(['a\n\nb\n'])).toEqual(['a', '', 'b']);
    expect(await read([])).toEqual([]);
  });
});
