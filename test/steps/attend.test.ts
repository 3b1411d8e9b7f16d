import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/platform/clock.js';
import type { Command, CommandEnd } from '../../src/platform/command.js';
import { endOf } from '../../src/steps/attend.js';

const clock = { now: () => 0, sleep: async () => {} } as Clock;

function commandOf(ended: Promise<CommandEnd>): Command {
  return { pid: 1, ended, stop: async () => {}, captured: true, close: async () => ({ droppedBytes: 0 }) };
}

describe('the end of a command', () => {
  it('is not waited for where nothing ends it', async () => {
    let stuck = 0;
    const end = await endOf(commandOf(new Promise(() => {})), { clock, host: null, onStuck: () => (stuck += 1) });
    expect({ end, stuck }).toEqual({ end: { exitCode: null, signal: null, startError: null }, stuck: 1 });
  });

  it('is its own otherwise', async () => {
    const ended = { exitCode: 3, signal: null, startError: null };
    expect(await endOf(commandOf(Promise.resolve(ended)), { clock, host: null })).toEqual(ended);
  });
});
