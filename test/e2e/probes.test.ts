import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { type CliResult, type Workplace, workplace } from './run-cli.ts';
import { endOf } from './run-json.ts';
import { smallScenario, tell } from './scenarios.ts';

let place: Workplace;
let server: ToldServer;
beforeEach(async () => {
  place = workplace();
  server = await startServer('probe-server.mjs');
});
afterEach(async () => {
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

const PROBES = {
  idle: { connections: 10 },
  inflight: { get: '/slow?ms=800', every: '300ms' },
  upload: { post: '/upload', size: '200KiB', over: '1s', digest: { json: '$.sha256' } },
  assets: { page: '/', every: '250ms' },
  session: { login: { post: '/login' }, check: { get: '/me' }, sessions: 3, every: '500ms' },
  ledger: {
    write: { post: '/orders', json: { key: '{key}' } },
    read: { get: '/orders/{id}' },
    list: { get: '/orders' },
  },
};

function scenario(commands: object[], part: object = {}): string {
  const url = `http://127.0.0.1:${server.port}`;
  return place.scenario(
    smallScenario({
      url,
      baseline: '4s',
      steps: [{ name: 'switch', run: tell(server, ...commands), hold: '4s' }],
      rollback: [{ name: 'rollback', run: tell(server, { do: 'version', value: 'v1' }), hold: '1s' }],
      rehearsal: 'rollback',
      probes: { ...PROBES, twin: { url }, control: { url, get: '/plain' }, ...part },
    }),
  );
}

function probesOf({ runJson }: CliResult): Record<string, Record<string, unknown>> {
  return (runJson as unknown as { probes: Record<string, Record<string, unknown>> }).probes;
}

describe('a run with probes', () => {
  it('finds nothing wrong with a release that keeps everything', async () => {
    const result = await place.run(['run', scenario([{ do: 'version', value: 'v2' }])]);
    expect(endOf(result), result.stderr).toBe('completed');
    const probes = probesOf(result);
    for (const name of ['idle', 'inflight', 'upload', 'assets', 'session', 'ledger', 'twin', 'control']) {
      expect(probes[name], name).toMatchObject({ ready: true, ended: true });
    }
    expect(probes.ledger).toMatchObject({ lost: 0, duplicated: 0, failed: 0, unread: 0, unlisted: 0 });
    expect(probes.idle).toMatchObject({ connections: 10, closedUnannounced: 0 });
    expect(probes.inflight?.straddled).toEqual(['baseline', 'switch', 'rollback']);
  });

  it('counts exactly what a release broke, each in its step', async () => {
    const result = await place.run([
      'run',
      scenario([
        { do: 'version', value: 'v2', keep: false },
        { do: 'drop', times: 4 },
        { do: 'double', times: 3 },
        { do: 'forget', times: 2 },
        { do: 'close-idle', times: 5, how: 'rst' },
        { do: 'cut-slow', times: 1 },
        { do: 'rule', path: '/upload', times: 1, corrupt: true },
      ]),
    ]);
    expect(result.runJson?.verdict, result.stderr).toBe('downtime');
    expect(result.code).toBe(99);
    const probes = probesOf(result);
    expect(probes.idle).toMatchObject({ closedUnannounced: 5, failed: 0 });
    expect(probes.inflight).toMatchObject({ failed: 1 });
    expect(probes.upload).toMatchObject({ corrupted: 1, failed: 0 });
    expect(probes.session).toMatchObject({ lost: 2, failed: 0 });
    expect(probes.ledger).toMatchObject({ lost: 4, duplicated: 3, failed: 0 });
    // The script and the picture of the old page.
    expect(probes.assets).toMatchObject({ failed: 2 });
    expect(probes.ledger?.byPhase).toEqual([{ phase: 'switch', lost: 4, duplicated: 3 }]);
  });

  it('begins no release where a probe cannot work', async () => {
    const session = { login: { post: '/login' }, check: { get: '/' } };
    const result = await place.run(['run', scenario([{ do: 'version', value: 'v2' }], { session })]);
    expect(result.code, result.stderr).toBe(94);
    expect(result.runJson?.reasons.join()).toContain('passes for anybody');
    expect(result.runJson?.release).toBe('not-started');
  });
});
