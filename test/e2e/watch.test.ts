import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { type CliResult, type Workplace, workplace } from './run-cli.ts';
import { smallScenario } from './scenarios.ts';

const TOKEN = 'hunter22-hunter22';

let server: FaultServer;
let place: Workplace;
beforeEach(async () => {
  server = await startFaultServer({ version: 'v1' });
  place = workplace();
});
afterEach(async () => {
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

interface WatchJson {
  changeVerified: boolean | null;
  watch: {
    name: string;
    states?: { value: string | null }[];
    processes?: object[];
    counts?: object[];
    lines?: { text: string }[];
  }[];
}

/** An app that is one process, a link to its release, and the log of a proxy; nothing says which version answers. */
function release(switching: string): Promise<CliResult> {
  const steps = [
    {
      name: 'prepare',
      kind: 'setup',
      run: 'ln -s v1 current; setsid sleep 300 >/dev/null 2>&1 & echo $! >app.pid; : >proxy.log',
    },
    { name: 'switch', run: switching, hold: '1s' },
    { name: 'stop', kind: 'teardown', run: 'kill $(cat app.pid) || true' },
  ];
  const rollback = { name: 'rollback', run: 'ln -s v1 next && mv -T next current', hold: '1s' };
  const watch = [
    { link: 'current', name: 'current' },
    { processes: { pidfile: 'app.pid' }, name: 'app' },
    { log: 'proxy.log', name: 'log' },
  ];
  const target = { url: server.url, timeout: '2s', headers: { authorization: 'Bearer ${secret:TOKEN}' } };
  const rest = { target, rollback, watch, rehearsal: 'rollback' };
  return place.run(['run', place.scenario(smallScenario({ url: server.url, steps, ...rest }))], { TOKEN });
}

const REPLACE = 'old=$(cat app.pid); setsid sleep 300 >/dev/null 2>&1 & echo $! >app.pid; sleep 0.5; kill $old';
const LINE = `2026/01/02 03:04:05 [error] 1#1: *7 connect() failed (111: Connection refused) while connecting to upstream, token ${TOKEN}`;

describe('a release under watch', () => {
  it('shows that it changed something, and what its log says, without any secret', async () => {
    const { dir, runJson } = await release(
      `ln -s v2 next && mv -T next current; ${REPLACE}; echo '${LINE}' >>proxy.log`,
    );
    const { changeVerified, watch } = runJson as unknown as WatchJson;
    expect(changeVerified).toBe(true);
    const [current, app, log] = watch;
    expect(current?.states?.map(({ value }) => value)).toEqual(['v1', 'v2', 'v1']);
    expect(app?.processes).toHaveLength(2);
    expect(log?.counts).toEqual([{ pattern: 'nginx-upstream-error', phase: 'switch', count: 1 }]);
    expect(log?.lines?.[0]?.text).toContain('while connecting to upstream, token [redacted]');
    const rules = runJson?.findings.map(({ rule }) => rule);
    expect(rules).toEqual(expect.arrayContaining(['change-by-watchers', 'new-before-old', 'masked-errors']));
    const files = readdirSync(dir as string, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const { name, parentPath } of files)
      expect(readFileSync(join(parentPath, name)).includes(TOKEN), name).toBe(false);
  });

  it('that changes nothing does not pass', async () => {
    const { code, runJson } = await release('true');
    expect(code).toBe(98);
    expect(runJson).toMatchObject({ verdict: 'inconclusive', release: 'completed', changeVerified: false });
    expect(runJson?.reasons.join('\n')).toContain('nothing watched changed: the link current still points to v1');
  });

  it('whose link moves and whose process was never told does not pass either', async () => {
    const { code, runJson } = await release('ln -s v2 next && mv -T next current');
    expect(code).toBe(98);
    expect(runJson?.reasons).toContain('no process of app began in the release');
  });
});
