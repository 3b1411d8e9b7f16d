import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, leftOver, newMark } from './processes.ts';
import { ROOT } from './run-cli.ts';

/** A server whose version is the content of a file; with BREAK=kill a switch ends it and starts it again, late. */
const SERVER = `
import { readFileSync, appendFileSync } from 'node:fs';
import http from 'node:http';
const { ROOT, PORT } = process.env;
http
  .createServer((request, response) => {
    response.setHeader('x-release', readFileSync(ROOT + '/version', 'utf8'));
    response.end('ok');
  })
  .listen(Number(PORT), '127.0.0.1', () => appendFileSync(ROOT + '/app.log', 'listening\\n'));
`;

const START = 'setsid node server.mjs </dev/null >/dev/null 2>&1 & echo $! > "$ROOT/pid"';
const SCENARIO = {
  version: 1,
  name: 'tiny',
  vars: { ROOT: `\${ROOT}`, PORT: `\${PORT}`, BREAK: `\${BREAK:-none}`, HOLD: '2s' },
  target: { url: `http://127.0.0.1:\${PORT}`, timeout: '2s', version: { header: 'x-release' } },
  traffic: {
    rate: '50/s',
    connections: { keepalive: '50%', fresh: '50%', pool: 4 },
    mix: [{ name: 'home', get: '/' }],
  },
  warmup: '0s',
  baseline: '1s',
  steps: [
    {
      name: 'prepare',
      kind: 'setup',
      run: `printf v1 > "$ROOT/version"; ${START}; until grep -q listening "$ROOT/app.log" 2>/dev/null; do sleep 0.05; done`,
    },
    {
      name: 'switch',
      run: `if [ $BREAK = kill ]; then kill $(cat "$ROOT/pid"); sleep 0.5; ${START}; fi; printf v2 > "$ROOT/version"`,
      hold: `\${HOLD}`,
    },
    { name: 'stop', kind: 'teardown', run: 'if [ $BREAK != leave ]; then kill $(cat "$ROOT/pid"); fi' },
  ],
  rehearsal: 'none',
  // A busy machine is slow, which is not the subject.
  thresholds: { latency: ['p(99)<10000'] },
};

const good = {
  name: 'good',
  corpus: 'G01',
  set: {},
  verdict: 'zero-downtime',
  release: 'completed',
  exitCode: 0,
  evidence: [{ claim: 'it was started once', file: 'app.log', match: '^listening$', exactly: 1 }],
};
const kill = {
  name: 'kill',
  corpus: 'B01',
  set: { BREAK: 'kill' },
  verdict: 'downtime',
  release: 'completed',
  exitCode: 99,
  step: 'switch',
  finding: 'failing-step',
  evidence: [{ claim: 'nobody listened', listener: 0, gapAtLeastMs: 300 }],
};

let folder: string;
let mark: { name: string; value: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zdd-e2e-'));
  mark = newMark();
  mkdirSync(join(folder, 'scenarios/tiny'), { recursive: true });
  writeFileSync(join(folder, 'scenarios/tiny/scenario.yaml'), JSON.stringify(SCENARIO));
  writeFileSync(join(folder, 'scenarios/tiny/server.mjs'), SERVER);
});
afterEach(async () => {
  const left = await leftOver(mark);
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

interface Corpus {
  child: ChildProcess;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

function corpus(cases: object[], args: string[] = []): Corpus {
  const content = { system: 'a process', needs: [], root: false, cases };
  writeFileSync(join(folder, 'scenarios/tiny/cases.json'), JSON.stringify(content));
  const options = [
    '--scenarios',
    join(folder, 'scenarios'),
    '--keep',
    join(folder, 'kept'),
    '--report',
    join(folder, 'table.md'),
  ];
  const argv = [join(ROOT, 'node_modules/.bin/jiti'), join(ROOT, 'test/corpus/corpus.ts'), ...options, ...args];
  const child = spawn(process.execPath, argv, {
    // Its temporary folder is ours, so that what it leaves is seen.
    env: { ...process.env, [mark.name]: mark.value, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr })) };
}

const placesLeft = (): string[] => readdirSync(folder).filter((name) => name.startsWith('zdc-'));

describe('the corpus', () => {
  it('finds a good and a bad deploy as they are', async () => {
    const { code, stdout, stderr } = await corpus([good, kill]).ended;
    expect(code, `${stdout}${stderr}`).toBe(0);
    expect(stdout).toContain('2 of 2 runs of 2 cases right. False alarms: 0. Missed: 0.');
    expect(stdout).toContain('First harmed step right: 1 of 1.');
    expect(readFileSync(join(folder, 'table.md'), 'utf8')).toContain('| tiny/kill | B01 |');
    expect(placesLeft()).toEqual([]);
  });

  it('is told by the evidence where a label is wrong, and keeps what there was to see', async () => {
    const { code, stdout } = await corpus([
      { ...kill, set: {} },
      { ...good, set: { BREAK: 'kill' } },
    ]).ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /tiny\/kill run 1: unconfirmed: contradicts: nobody listened: PORT\+0: (?:no gap|a gap of 0 to)/,
    );
    expect(stdout).toMatch(/tiny\/good run 1: unconfirmed: contradicts: it was started once: 2 in app\.log \(1\)/);
    expect(readdirSync(join(folder, 'kept')).sort()).toEqual(['tiny-good-1', 'tiny-kill-1']);
    expect(existsSync(join(folder, 'kept/tiny-good-1/app.log'))).toBe(true);
    expect(readdirSync(join(folder, 'kept/tiny-good-1/run'))).toHaveLength(1);
  });

  it('counts a verdict that is not that of the label', async () => {
    const lenient = { ...kill, evidence: good.evidence, set: {} };
    const { code, stdout } = await corpus([lenient]).ended;
    expect(code).toBe(1);
    expect(stdout).toContain('Missed: 1.');
    expect(stdout).toMatch(
      /tiny\/kill run 1: missed: verdict zero-downtime, not downtime; exit code 0, not 99; first harm in null, not switch/,
    );
  });

  it('finds and ends what a case leaves running', async () => {
    const { code, stdout } = await corpus([{ ...good, set: { BREAK: 'leave' } }]).ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/tiny\/good run 1: left behind: \d+ node server\.mjs/);
  });

  it('lists a case whose system is missing, and never as passed', async () => {
    const cases = [good, { ...kill, root: true }];
    const isRoot = process.getuid?.() === 0;
    const { stdout } = await corpus(cases, ['--list']).ended;
    expect(stdout).toContain('G01  tiny/good  zero-downtime\n');
    expect(stdout).toContain(`B01  tiny/kill  downtime${isRoot ? '' : '  missing root: run the corpus as root'}\n`);
    const { code, stderr } = await corpus([good], ['tiny/nobody']).ended;
    expect(code).toBe(1);
    expect(stderr).toBe('no case is called tiny/nobody; scenarios: tiny\n');
  });

  it('ends the run under way when it is interrupted', async () => {
    const { child, ended } = corpus([{ ...good, set: { HOLD: '60s' } }]);
    await eventually('the server of the case is up', () => {
      const logs = placesLeft().flatMap((place) =>
        readdirSync(join(folder, place)).map((name) => join(folder, place, name, 'app.log')),
      );
      return logs.some((file) => existsSync(file)) || null;
    });
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout).toContain('0 of 0 runs');
    expect(placesLeft()).toEqual([]);
  });
});
