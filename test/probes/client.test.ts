import { afterEach, describe, expect, it } from 'vitest';
import type { ProbeEvent } from '../../src/model/probe.js';
import { assets } from '../../src/probes/assets.js';
import { type Client, withClient } from '../../src/probes/client.js';
import type { ProbeOptions } from '../../src/probes/plan.js';
import type { Probe } from '../../src/probes/probe.js';
import { type FrameConnection, type FrameScript, type FrameServer, startFrameServer } from '../wire/h2-frames.ts';
import { get } from './requests.ts';
import { drive } from './stream-probe.ts';

const NO_ERROR = 0;

const servers: FrameServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function frameServer(script: FrameScript): Promise<FrameServer> {
  const server = await startFrameServer(script);
  servers.push(server);
  return server;
}

function answer(connection: FrameConnection, stream: number): void {
  connection.head(stream);
  connection.data(stream, '<script src="/app.js"></script>', true);
}

/** The answer and the end of the connection in one segment, as in a reload. */
function answerAndGoAway(connection: FrameConnection, stream: number): void {
  connection.socket.cork();
  answer(connection, stream);
  connection.goaway(stream, NO_ERROR);
  connection.socket.uncork();
}

/** What a probe put on record that asks as it is told. */
async function recordOf(
  server: FrameServer,
  ask: (client: Client) => Promise<unknown>,
): Promise<readonly ProbeEvent[]> {
  const probe: Probe<'assets'> = {
    name: 'assets',
    run: (_options, context) => withClient(context, context.plan.endpoint, async (client) => void (await ask(client))),
  };
  const driven = drive(probe, {} as ProbeOptions['assets'], server.endpoint);
  await driven.stop();
  return driven.events;
}

function fatesOf(events: readonly ProbeEvent[]): [ok: boolean, connection: string][] {
  return events.flatMap((event) => (event.type === 'probe-request' ? [[event.ok, event.connection]] : []));
}

describe('the requests of a probe', () => {
  it('are sent again, and counted once, where a GOAWAY comes in the turn in which they are sent', async () => {
    const server = await frameServer({
      request: (connection, stream) =>
        connection === server.connections[0] ? answerAndGoAway(connection, stream) : answer(connection, stream),
    });
    const events = await recordOf(server, async (client) => {
      const on = client.connect();
      await client.ask(get('/'), { on });
      await client.ask(get('/app.js'), { on });
    });
    expect(fatesOf(events)).toEqual([
      [true, 'fresh'],
      [true, 'fresh'],
    ]);
    expect(server.connections.map(({ streams }) => streams)).toEqual([[1], [1]]);
  });

  it('go on no connection that has announced its end', async () => {
    const server = await frameServer({ request: answer });
    const events = await recordOf(server, async (client) => {
      await client.ask(get('/'), { on: 'reused' });
      const [first] = server.connections as [FrameConnection];
      first.goaway(1, NO_ERROR);
      first.ping();
      // Its answer says that what came before was read.
      await server.until(() => first.received.some(({ type }) => type === 'PING'));
      await client.ask(get('/'), { on: 'reused' });
      await client.ask(get('/'), { on: 'reused' });
    });
    expect(fatesOf(events)).toEqual([
      [true, 'fresh'],
      [true, 'fresh'],
      [true, 'reused'],
    ]);
    expect(server.connections.map(({ streams }) => streams)).toEqual([[1], [1, 3]]);
  });

  it('for assets do not fail where each page comes with the end of its connection', async () => {
    const server = await frameServer({ request: answerAndGoAway });
    const probe = drive(assets, { page: '/', headers: {}, everyMs: 50, most: 20 }, server.endpoint);
    await probe.ready();
    await probe.stop();
    expect(fatesOf(probe.events).every(([ok]) => ok)).toBe(true);
    expect(probe.count('failed')).toBe(0);
  });
});
