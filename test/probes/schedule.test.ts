import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/platform/clock.js';
import { repeat } from '../../src/probes/schedule.js';

/** Time that passes only in sleeps, and where a test says so; each sleep ends a little late. */
function lateClock(lateMs: number): Clock & { pass(ms: number): void } {
  let at = 0;
  return {
    now: () => at,
    pass: (ms) => {
      at += ms;
    },
    sleep: async (ms) => {
      at += Math.max(0, ms) + lateMs;
    },
  };
}

function timing(clock: Clock) {
  const stopping = new AbortController();
  return { clock, stopping: stopping.signal, signal: new AbortController().signal, stop: () => stopping.abort() };
}

describe('a repeated turn', () => {
  it('keeps to its schedule however late each sleep ends', async () => {
    const times = timing(lateClock(3));
    const at: number[] = [];
    await repeat(times, 10, async (number) => {
      at.push(times.clock.now());
      if (number === 999) times.stop();
    });
    expect(at).toHaveLength(1000);
    expect(at.at(-1)).toBe(9993);
  });

  it('leaves out what was due while the harness stood still', async () => {
    const clock = lateClock(0);
    const times = timing(clock);
    const at: number[] = [];
    await repeat(times, 10, async (number) => {
      at.push(clock.now());
      if (number === 1) clock.pass(95);
      if (number === 3) times.stop();
    });
    expect(at).toEqual([0, 10, 110, 120]);
  });

  it('bounds what is under way, and waits for it at the end', async () => {
    const clock = lateClock(0);
    const times = timing(clock);
    const until = (ms: number): Clock => ({
      ...clock,
      sleep: async (forMs) => {
        await clock.sleep(forMs);
        if (clock.now() >= ms) times.stop();
      },
    });
    let begun = 0;
    let ended = 0;
    const turn = async (): Promise<void> => {
      begun += 1;
      await new Promise((resolve) => times.stopping.addEventListener('abort', resolve));
      ended += 1;
    };
    await repeat({ ...times, clock: until(200) }, 10, turn, 3);
    expect({ begun, ended }).toEqual({ begun: 3, ended: 3 });
  });

  it('passes on what a turn threw', async () => {
    const broken = repeat(timing(lateClock(0)), 10, async () => {
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
  });
});
