import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ThreadMessage } from '../../src/engine/protocol.js';
import { Sender } from '../../src/engine/sender.js';
import { constantRate } from '../../src/model/rate.js';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import { trafficPlan } from './drive.ts';

describe('the sending loop', () => {
  it('listens to answers and orders where it cannot send as fast as it should', async () => {
    const server = createServer((_request, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const clock = clockSince(monotonicNs());
    const plan = trafficPlan(`http://127.0.0.1:${port}`, {
      streams: [{ name: '', rate: constantRate(200_000) }],
      timeoutMs: 2000,
      lateLimitMs: 100,
      maxInFlight: 100_000,
    });
    const rows = { ok: 0, unsent: 0, timeout: 0 };
    const ended = await new Promise<Extract<ThreadMessage, { type: 'ended' }>>((resolve) => {
      const sender = new Sender(plan, { sender: 0, senders: 1 }, clock.now() + 10, clock, (message) => {
        if (message.type === 'ended') resolve(message);
        if (message.type !== 'samples') return;
        for (let row = 0; row < message.batch.count; row += 1) {
          const kind = message.batch.outcome[row];
          if (kind === 0) rows.ok += 1;
          else if (kind === 5) rows.unsent += 1;
          else rows.timeout += 1;
        }
        // The order to stop comes from the same loop that sends: it would never be heard in a loop that does not end.
        if (rows.ok > 200) sender.command({ type: 'stop', at: clock.now() });
      });
    });
    server.closeAllConnections();
    server.close();
    expect(rows.unsent).toBeGreaterThan(0);
    expect(ended.due).toBe(ended.recorded);
    expect(rows.ok + rows.unsent + rows.timeout).toBe(ended.recorded);
  });
});
