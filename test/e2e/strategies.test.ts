import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliResult, ROOT, type Workplace, workplace } from './run-cli.ts';

/** Each strategy releases a real system under traffic: the scenarios and their scripts are in test/strategies. */
const SCENARIOS = join(ROOT, 'test/strategies');
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

const runs = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { env: { ...process.env, PATH }, timeout: 10_000 }).status === 0;
const HAS = {
  haproxy: runs('haproxy', '-v'),
  nginx: runs('nginx', '-v'),
  gunicorn: runs('/usr/bin/python3', '-c', 'import gunicorn'),
  systemd:
    process.getuid?.() === 0 && runs('systemd-nspawn', '--version') && runs('/usr/bin/python3', '-c', 'import flask'),
};
type System = keyof typeof HAS;

let place: Workplace;
let root: string;
beforeEach(() => {
  place = workplace();
  root = join(place.folder, 'root');
});
afterEach(async () => {
  expect(await place.leave()).toEqual([]);
});

const run = (name: string, ...args: string[]): Promise<CliResult> =>
  place.run(['run', join(SCENARIOS, `${name}.yaml`), ...args], { ROOT: root });

const log = (name: string): string => readFileSync(join(root, 'log', name), 'utf8');
const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Skipped with its reason where a system is missing. */
function where(systems: readonly System[]): { skip: boolean; reason: string } {
  const missing = systems.filter((system) => !HAS[system]);
  return {
    skip: missing.length > 0,
    reason: missing.length === 0 ? '' : ` (skipped: no ${missing.join(', no ')} here)`,
  };
}

/** What the proxies' and the app's own logs say, independently of what the traffic saw. */
const GOOD: readonly [name: string, systems: readonly System[], evidence: () => void][] = [
  ['haproxy-drain', ['haproxy'], () => servedByBoth(log('haproxy.log'), / app\/blue /g, / app\/green /g)],
  ['rolling', ['haproxy'], () => expect(count(log('blue.log'), /"event":"listening"/g)).toBeGreaterThanOrEqual(3)],
  ['canary-haproxy', ['haproxy'], () => servedByBoth(log('haproxy.log'), / app\/blue /g, / app\/green /g)],
  ['nginx-blue-green', ['nginx'], () => expect(count(log('nginx-access.log'), /^5\d\d /gm)).toBe(0)],
  ['canary-nginx', ['nginx'], () => expect(count(log('nginx-access.log'), /^5\d\d /gm)).toBe(0)],
  [
    'gunicorn-symlink',
    ['nginx', 'gunicorn'],
    () => expect(count(log('gunicorn.log'), /Handling signal: hup/g)).toBe(2),
  ],
  [
    'systemd-reload',
    ['systemd', 'nginx', 'gunicorn'],
    () => expect(count(log('app.log'), /Handling signal: hup/g)).toBe(2),
  ],
  ['pm2-reload', [], () => {}],
];

function servedByBoth(text: string, ...backends: RegExp[]): void {
  for (const backend of backends) expect(count(text, backend)).toBeGreaterThan(50);
  expect(count(text, /^5\d\d /gm)).toBe(0);
}

describe('the strategy', () => {
  for (const [name, systems, evidence] of GOOD) {
    const { skip, reason } = where(systems);
    it.skipIf(skip)(`${name} releases without downtime, and goes back the same way${reason}`, async () => {
      const { code, runJson, stderr } = await run(name);
      const why = runJson?.reasons.join('\n') ?? stderr;
      expect(runJson, why).toMatchObject({ verdict: 'zero-downtime', release: 'completed', servesNow: 'v1' });
      expect(code).toBe(0);
      expect(runJson?.totals.failed).toBe(0);
      evidence();
    });
  }
});

describe('the strategy haproxy-drain', () => {
  const { skip, reason } = where(['haproxy']);

  it.skipIf(skip)(`waits for a health check longer than for requests under way${reason}`, async () => {
    const set = ['CHECK_EVERY=10s', 'strategy.haproxy-drain.drain=3s'].flatMap((each) => ['--set', each]);
    const { code, runJson, stderr } = await run('haproxy-drain', ...set);
    expect(runJson, runJson?.reasons.join('\n') ?? stderr).toMatchObject({ release: 'completed', servesNow: 'v1' });
    expect(code).toBe(0);
  });

  it.skipIf(skip)(`leaves the old server alone where its stop did not end it${reason}`, async () => {
    const { runJson, stderr } = await run(
      'haproxy-drain',
      '--set',
      'strategy.haproxy-drain.stop=[ "$SERVER" = green ]',
    );
    expect(runJson, runJson?.reasons.join('\n') ?? stderr).toMatchObject({ release: 'rolled-back', servesNow: 'v1' });
    expect(runJson?.totals.failed).toBe(0);
    expect(count(log('blue.log'), /"event":"listening"/g)).toBe(1);
  });
});

describe('a strategy that meets a mistake', () => {
  const needsHaproxy = where(['haproxy']);
  const needsNginx = where(['nginx']);
  const needsGunicorn = where(['nginx', 'gunicorn']);

  it.skipIf(needsHaproxy.skip)(
    `stops before the traffic moves where \`live\` is wrong${needsHaproxy.reason}`,
    async () => {
      const { code, runJson, stderr } = await run('haproxy-drain', '--set', 'strategy.haproxy-drain.live=green');
      expect(runJson).toMatchObject({ release: 'aborted', servesNow: 'v1' });
      expect(runJson?.totals.failed).toBe(0);
      expect(code).toBe(97);
      expect(stderr).toContain('blue takes traffic: say which one is live');
    },
  );

  it.skipIf(needsNginx.skip)(
    `stops before the traffic moves where nginx' file says otherwise${needsNginx.reason}`,
    async () => {
      const { code, runJson } = await run('nginx-blue-green', '--set', 'strategy.nginx-blue-green.live=green');
      expect(runJson).toMatchObject({ release: 'aborted', servesNow: 'v1' });
      expect(runJson?.totals.failed).toBe(0);
      expect(code).toBe(97);
    },
  );

  it.skipIf(needsGunicorn.skip)(`refuses a release that cannot be imported${needsGunicorn.reason}`, async () => {
    const { code, runJson } = await run('gunicorn-symlink', '--set', 'BROKEN=crash-at-start');
    expect(runJson).toMatchObject({ release: 'aborted', servesNow: 'v1' });
    expect(runJson?.totals.failed).toBe(0);
    expect(code).toBe(97);
  });

  it.skipIf(needsHaproxy.skip)(`brings back the one server it has touched${needsHaproxy.reason}`, async () => {
    const short = ['strategy.rolling.ready.get=/healthz', 'strategy.rolling.ready.within=3s'];
    const set = ['BROKEN=crash-at-start', ...short].flatMap((each) => ['--set', each]);
    const { code, runJson } = await run('rolling', ...set);
    expect(runJson).toMatchObject({ release: 'rolled-back', servesNow: 'v1' });
    expect(runJson?.totals.failed).toBe(0);
    expect(code).toBe(96);
    expect(count(log('green.log'), /"event":"listening"/g)).toBe(1);
  });

  it.skipIf(needsHaproxy.skip)(`aborts a canary that fails, with few users reached${needsHaproxy.reason}`, async () => {
    const { code, runJson } = await run('canary-haproxy', '--set', 'BROKEN=crash-on-request');
    expect(runJson).toMatchObject({ verdict: 'downtime', release: 'rolled-back', servesNow: 'v1' });
    expect(code).toBe(99);
    const { requests, failed } = runJson?.totals ?? { requests: 0, failed: 0 };
    expect(failed).toBeGreaterThan(0);
    expect(failed / requests).toBeLessThan(0.1);
  });
});
