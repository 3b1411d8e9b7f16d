import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { watchMachine } from '../../src/conductor/machine-watch.js';
import type { MachineEvent } from '../../src/model/event.js';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import { type Endpoint, endpointOf } from '../../src/wire/endpoint.js';

/** The first reading that goes on record; the watch has ended by then. */
async function firstReading(endpoint: Endpoint): Promise<MachineEvent> {
  const clock = clockSince(monotonicNs());
  return new Promise((resolve) => {
    const stop = watchMachine({
      clock,
      endpoints: [endpoint],
      record: (event) => {
        void stop();
        resolve(event);
      },
    });
  });
}

/** What goes on record where the watch is ended as soon as it began. */
async function readings(endpoint: Endpoint): Promise<MachineEvent[]> {
  const events: MachineEvent[] = [];
  const clock = clockSince(monotonicNs());
  await watchMachine({ clock, endpoints: [endpoint], record: (event) => events.push(event) })();
  return events;
}

describe.skipIf(process.platform !== 'linux')('the watch of the machine', () => {
  it('counts the connections to an address, and asks no resolver', async () => {
    const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sockets = [1, 2, 3].map(() => connect(port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    onTestFinished(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    });
    const { ports, dns, descriptors, at, ...rest } = await firstReading(endpointOf(`http://127.0.0.1:${port}`));
    expect(ports?.used).toBe(3);
    expect(dns).toBeNull();
    if (descriptors !== null) expect(descriptors.open).toBeLessThanOrEqual(descriptors.limit);
    for (const share of [rest.steal, rest.cpuPressure]) {
      if (share === null) continue;
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
  });

  it('asks the resolver for a name, unless the address is given', async () => {
    expect((await firstReading(endpointOf('http://localhost:9'))).dns).toMatchObject({ error: null });
    const given = { ...endpointOf('http://nowhere.invalid:9'), address: '127.0.0.1' };
    expect(await firstReading(given)).toMatchObject({ dns: null, ports: { used: 0 } });
  });

  it('looks at neither for a Unix socket', async () => {
    const endpoint = { ...endpointOf('http://app.sock'), socketPath: '/run/app.sock' };
    expect(await firstReading(endpoint)).toMatchObject({ type: 'machine', dns: null, ports: null });
  });

  it('reads once more when it ends, for the last part of a second', async () => {
    expect(await readings(endpointOf('http://127.0.0.1:9'))).toMatchObject([{ type: 'machine', ports: { used: 0 } }]);
  });
});
