import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeEvent } from '../../src/model/probe.js';
import { monotonicNs } from '../../src/platform/clock.js';
import type { ProbePlan, ProbesPlan } from '../../src/probes/plan.js';
import type { ProbesMessage } from '../../src/probes/protocol.js';
import { endpointOf } from '../../src/wire/endpoint.js';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { get, post } from './requests.ts';

// The thread is started from a file of its own: the built one, as users start it.
const BUILT = new URL('../../dist/probes/start.js', import.meta.url).href;
const { startProbes } = (await import(BUILT)) as typeof import('../../src/probes/start.js');

let server: ToldServer;
beforeAll(async () => {
  server = await startServer('probe-server.mjs');
});
afterAll(() => server.stop());

function planOf(probes: ProbePlan[]): ProbesPlan {
  return {
    endpoint: endpointOf(`http://127.0.0.1:${server.port}`),
    timeoutMs: 1000,
    version: { from: 'header', name: 'x-release' },
    client: 'strict',
    blocked: [],
    userAgent: 'zdd-verify-test',
    seed: 7,
    probes,
  };
}

/** Starts the probes; `said` resolves with the first event that satisfies `wanted`. */
async function start(plan: ProbesPlan) {
  const messages: ProbesMessage[] = [];
  const faults: string[] = [];
  const waiting = new Set<() => void>();
  const events = (): ProbeEvent[] => messages.flatMap((message) => (message.type === 'event' ? [message.event] : []));
  const probes = await startProbes(plan, {
    originNs: monotonicNs(),
    onMessage: (message) => {
      messages.push(message);
      for (const look of waiting) look();
    },
    onFault: (reason) => faults.push(reason),
  });
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { probes, messages, faults, events, until };
}

const LEDGER: ProbePlan = {
  probe: 'ledger',
  write: post('/orders', '{"key":"{key}"}'),
  read: get('/orders/{id}'),
  list: null,
  id: { from: 'json', path: '$.id' },
  everyMs: 50,
  keyHeader: 'idempotency-key',
};

describe('the thread of the probes', () => {
  it('runs several at once, tells each of phases, and ends in order', async () => {
    const idle: ProbePlan = { probe: 'idle', connections: 2, request: get('/') };
    const { probes, faults, events, messages, until } = await start(planOf([idle, LEDGER]));
    await until(() => events().filter(({ type }) => type === 'probe-ready').length === 2);
    probes.phase({ at: 1, name: 'switch', kind: 'switch', role: 'release' });
    const reads = () => events().filter((event) => event.type === 'probe-request' && event.name === 'read').length;
    const before = reads();
    await until(() => reads() > before);
    await probes.stop();
    expect(faults).toEqual([]);
    expect(messages.at(-1)).toEqual({ type: 'ended' });
    const ended = events().flatMap((event) => (event.type === 'probe-ended' ? [event.probe] : []));
    expect(ended.sort()).toEqual(['idle', 'ledger']);
    expect(events().find((event) => event.type === 'probe-request' && event.probe === 'idle')).toMatchObject({
      ok: true,
      version: 'v1',
    });
  });

  it('reports a probe that breaks as a fault of the harness', async () => {
    const broken = { ...LEDGER, read: null } as unknown as ProbePlan;
    const { probes, faults, until } = await start(planOf([broken]));
    await until(() => faults.length > 0);
    await probes.stop();
    expect(faults[0]).toMatch(/^the ledger probe broke: /);
    expect(faults).toHaveLength(1);
  });
});
