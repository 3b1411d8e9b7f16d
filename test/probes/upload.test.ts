import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeRequestEvent } from '../../src/model/probe.js';
import type { ProbeOptions } from '../../src/probes/plan.js';
import { upload } from '../../src/probes/upload.js';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { post } from './requests.ts';
import { drive } from './stream-probe.ts';

let server: ToldServer;
beforeAll(async () => {
  server = await startServer('probe-server.mjs');
});
afterAll(() => server.stop());

function options(part: Partial<ProbeOptions['upload']> = {}): ProbeOptions['upload'] {
  return {
    request: post('/upload'),
    bytes: 200_000,
    overMs: 300,
    everyMs: 150,
    digest: { from: 'json', path: '$.sha256' },
    ...part,
  };
}

describe('the upload probe', () => {
  it.each([{ from: 'json', path: '$.sha256' }, { from: 'header', name: 'X-SHA256' }, { from: 'body' }, null] as const)(
    'sends a body evenly over its time and finds it whole (digest %o)',
    async (digest) => {
      const probe = drive(upload, options({ digest }), server.port);
      await probe.ready();
      await probe.stop();
      expect(probe.events.filter(({ type }) => type === 'probe-fault')).toEqual([]);
      const [first] = probe.events.filter((event): event is ProbeRequestEvent => event.type === 'probe-request');
      expect(first!.at - first!.sentAt).toBeGreaterThanOrEqual(300);
    },
  );

  it('counts exactly the bodies that arrived as others, were cut, or were refused before their end', async () => {
    await server.ask({ do: 'rule', path: '/upload', times: 2, corrupt: true });
    await server.ask({ do: 'rule', path: '/upload', times: 3, cut: 'in the body' });
    await server.ask({ do: 'rule', path: '/upload', times: 1, status: 413 });
    const probe = drive(upload, options(), server.port);
    await probe.ready();
    await probe.stop();
    expect(probe.count('corrupted')).toBe(2);
    expect(probe.count('failed')).toBe(4);
    const details = probe.faults('failed').map(({ detail }) => detail);
    expect(details.filter((detail) => detail.includes('reset'))).toHaveLength(3);
    expect(details.filter((detail) => detail.includes('status 413'))).toHaveLength(1);
  });

  it('calls an answer that says nothing of what was received corrupted', async () => {
    const probe = drive(upload, options({ digest: { from: 'json', path: '$.nowhere' } }), server.port);
    await probe.until('one judged', () => probe.count('corrupted') > 0);
    await probe.stop();
    expect(probe.faults('corrupted')[0]?.detail).toContain('does not say what was received');
  });
});
