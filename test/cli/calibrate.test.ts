import { describe, expect, it } from 'vitest';
import { describeMachine, describeTarget, isNearHost } from '../../src/cli/calibrate.js';
import type { RateTrial } from '../../src/engine/calibrate.js';

describe('calibrate', () => {
  it.each([
    'localhost',
    'shop.localhost',
    'web1',
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.9.9',
    '192.168.1.1',
    '[::1]',
    '[fd00::1]',
    '[fe80::1]',
  ])('takes %s for near', (host) => expect(isNearHost(host)).toBe(true));

  it.each([
    'example.com',
    '8.8.8.8',
    '172.32.0.1',
    '172.15.0.1',
    '10.example.com',
    '127.0.0.1.example.com',
    '192.168.1.1.nip.io',
    '[2001:db8::1]',
    '11.0.0.1',
    'localhost.example.com',
    '134744072',
  ])('takes %s for far', (host) => expect(isNearHost(host)).toBe(false));

  it('says what each figure of the machine means', () => {
    const capacity = {
      heldPerSec: 800,
      atLimit: false,
      noiseFloorMs: 3,
      trials: [trial(400, true), trial(800, true), trial(1600, false)],
    };
    const text = describeMachine(capacity).join('\n');
    expect(text).toContain('800/s');
    expect(text).toContain('stay below half of it');
    expect(text).toContain('p99 latency of a server that does nothing, at 400/s');
    expect(describeMachine({ ...capacity, atLimit: true }).join('\n')).toContain('it may hold more');
  });

  it('says so where nothing was held', () => {
    const capacity = { heldPerSec: 0, atLimit: false, noiseFloorMs: 0, trials: [trial(200, false)] };
    expect(describeMachine(capacity).join('\n')).toContain('did not hold even the lowest rate');
  });

  it('says that a closed loop understates stalls', () => {
    const spread = { p50: 1, p99: 2, max: 3 };
    const text = describeTarget({
      requestsPerSec: 1234,
      latencyMs: spread,
      requests: 6170,
      non2xx: 1,
      errors: 2,
      timeouts: 0,
      connections: 10,
      seconds: 5,
    });
    expect(text.join('\n')).toContain('1,234/s over 10 connections for 5 s');
    expect(text.join('\n')).toContain('stalls are understated');
    expect(text.join('\n')).toContain('3 of 6,170');
  });
});

function trial(ratePerSec: number, held: boolean): RateTrial {
  const spread = { p50: 0.5, p99: 2, max: 5 };
  return {
    ratePerSec,
    held,
    why: held ? '' : 'late',
    achievedPerSec: ratePerSec,
    requests: ratePerSec,
    failed: 0,
    unsent: 0,
    latenessMs: spread,
    latencyMs: spread,
    largestSendGapMs: 6,
  };
}
