import { describe, expect, it } from 'vitest';
import { withinLimit } from '../../src/cli/descriptors.js';
import { load, withLine } from '../scenario/scenarios.ts';

describe('requests in flight where few files may be open', () => {
  const capOf = async (shard: { number: number; of: number }, maxInFlight = 1_000_000): Promise<number> => {
    const traffic = `  maxInFlight: ${maxInFlight}\n  connections: { pool: 100 }\n  mix:`;
    const probes = '    - { get: / }\nprobes:\n  idle: { connections: 40 }';
    const content = withLine(7, traffic).replace('    - { get: / }', probes);
    return withinLimit(await load(content), 1024, shard).traffic.maxInFlight;
  };

  it('are as many as there is room for beside the pool and the probes', async () => {
    expect(await capOf({ number: 1, of: 1 })).toBe(1024 - 64 - 100 - 40);
    expect(await capOf({ number: 1, of: 1 }, 500)).toBe(500);
  });

  it('are of all shards, each of which has that room for its share; the probes are of the first', async () => {
    expect(await capOf({ number: 1, of: 4 })).toBe(4 * (1024 - 64 - 25 - 40));
    expect(await capOf({ number: 2, of: 4 })).toBe(4 * (1024 - 64 - 25));
    expect(await capOf({ number: 2, of: 4 }, 3000)).toBe(3000);
  });
});
