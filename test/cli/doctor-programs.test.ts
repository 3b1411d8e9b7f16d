import { readFileSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { howToGet, packagesOf, SYSTEMS } from '../../src/cli/doctor/known-programs.js';
import { checkPrograms } from '../../src/cli/doctor/program-checks.js';
import { programsOf } from '../../src/cli/doctor/programs.js';
import { readShell } from '../../src/cli/doctor/shell-commands.js';
import { checkVersions } from '../../src/cli/doctor/version-checks.js';
import { checkWatchers } from '../../src/cli/doctor/watch-checks.js';
import { loadScenario } from '../../src/scenario/load.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { emptyFolder } from '../setup/empty-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the commands of a shell script', () => {
  it.each([
    ['a; b && c || d | e & f', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['a \'b; c\' "d; $(e f) g" # h\ni', ['e', 'a', 'i']],
    ['x=$(a b) y=1 c', ['a', 'c']],
    ['x=(a b c)\nd', ['d']],
    ['a <<END\nnot b\n$(c)\nEND\nd', ['a', 'd']],
    ["a <<-'E'\n\tnot b\n\tE\nd", ['a', 'd']],
    ['a <<<"b" >c 2>&1 <d\ne >"$f" g', ['a', 'e']],
    ['a < <(b c); d &>e', ['b', 'a', 'd']],
    ['case $x in\n  a | b) c ;;\n  *) d "e)" ;;\nesac\nf', ['c', 'd', 'f']],
    ['case $x in (a) b;; esac; c', ['b', 'c']],
    ['for a in b c; do d; done; while e; do f; done', ['d', 'e', 'f']],
    ['if a; then b; elif c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
    ['(a; b); { c; }; ! d', ['a', 'b', 'c', 'd']],
    ['a() { b; }\nfunction c { d; }\na', ['b', 'd', 'a']],
    ['a \\\n  b\nc', ['a', 'c']],
    ['a ${b:-$(c)} $((1 + 2)) `d` e', ['a']],
    ['a "unclosed', ['a']],
    ["a 'unclosed", ['a']],
    ['a $(b', ['b', 'a']],
    ['case a in', []],
  ] as [string, string[]][])('of %j begin with %j', (script, first) => {
    const { commands } = readShell(script);
    expect(commands.flatMap((words) => words.find((word) => !/^\w+=/.test(word)) ?? [])).toEqual(first);
  });

  it.each([
    ['sudo -n -u app nginx -t', ['sudo', 'nginx']],
    ['exec env A=1 nohup ./server --port 1', ['env', 'nohup', './server']],
    ['nice -n 10 make', ['nice', 'make']],
    ['command -v curl || fetch', ['fetch']],
    ['node -e \'const a = require("b");\nc()\'', ['node']],
    ['zdd-verify mark build && ./build.sh', ['./build.sh']],
    [['zdd-verify', 'haproxy'], []],
  ] as [string | string[], string[]][])('%j starts %j', (run, programs) => expect(programsOf(run)).toEqual(programs));
});

describe('doctor on the programs of a scenario', () => {
  it('reads the scripts that a step calls, those they call and source, and their `need` lines', async () => {
    const dir = await folder({
      'deploy/build.sh':
        '#!/usr/bin/env bash\n. "$(dirname "$0")/common.sh"\nneed no-such-proxy nginx\nno-such-builder all\ndefined_later\n"$HERE/inner.sh"\n',
      'deploy/common.sh': 'HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)\n. "$HERE/lib/more.sh"\n',
      'deploy/lib/more.sh': 'need() { command -v "$1" >/dev/null || exit 1; }\ndefined_later() { no-such-helper; }\n',
      'deploy/inner.sh': '#!/bin/sh\nno-such-inner\ncat /dev/null\n',
      'deploy/other.mjs': '#!/usr/bin/env node\nnot_a_command\n',
    });
    const found = await states(dir, 'deploy/build.sh && deploy/other.mjs && bash deploy/inner.sh');
    expect(found).toMatchObject({
      'program deploy/build.sh': 'OK',
      'program deploy/other.mjs': 'OK',
      'program no-such-proxy': 'MISSING',
      'program no-such-builder': 'WARN',
      'program no-such-helper': 'WARN',
      'program no-such-inner': 'WARN',
    });
    expect(Object.keys(found).join()).not.toMatch(/need|defined_later|not_a_command|program cat/);
  });

  it('does not lose its way in scripts that call each other', async () => {
    const dir = await folder({ 'a.sh': '#!/bin/sh\n./b.sh\n. ./a.sh\n', 'b.sh': '#!/bin/sh\n./a.sh\nno-such-end\n' });
    expect(await states(dir, './a.sh')).toMatchObject({ 'program no-such-end': 'WARN' });
  });

  it('says how a known program is got on each system, and which script needs it', async () => {
    const dir = await folder({ 'a.sh': '#!/bin/sh\nhaproxy -v\n' });
    const [check] = (await checks(dir, './a.sh', { PATH: dir })).filter(({ name }) => name === 'program haproxy');
    // Debian has it in /usr/sbin, which that PATH lacks.
    if (check?.found.startsWith('/usr/sbin'))
      expect(check).toMatchObject({ state: 'WARN', found: expect.stringContaining('not on PATH') });
    else expect(check).toMatchObject({ state: 'WARN', found: expect.stringContaining('a.sh in the step switch') });
    expect(howToGet(packagesOf('haproxy') as never)).toBe(
      'Debian, Ubuntu: `apt-get install haproxy`. Fedora: `dnf install haproxy`. macOS: `brew install haproxy`.',
    );
    expect(howToGet(packagesOf('pm2') as never)).toContain('Debian, Ubuntu: `npm install -g pm2`.');
    expect(howToGet(packagesOf('systemctl') as never)).toContain('macOS: no package known.');
  });

  it('looks at the commands that a strategy runs out of its environment', async () => {
    const dir = await folder({
      'scenario.yaml': `version: 1
name: shop
target: { url: "http://127.0.0.1:1", version: { header: x-release } }
traffic: { rate: 10/s, mix: [{ get: / }] }
strategy:
  nginx-blue-green:
    { config: ./c, blue: "127.0.0.1:1", green: "127.0.0.1:2", release: v2, start: ./s.sh, nginx: sudo no-such-nginx -c x }
`,
    });
    const found = await checkPrograms(await loadScenario(join(dir, 'scenario.yaml'), { env: {} }));
    expect(found.map(({ name }) => name)).toContain('program no-such-nginx');
    expect(found.map(({ name }) => name).join()).not.toMatch(/program (nginx_|swap|send_to|const)\b/);
  });

  it('says of a script that may not be executed what to do', async () => {
    const dir = await folder({ 'a.sh': '#!/bin/sh\n' });
    await chmod(join(dir, 'a.sh'), 0o644);
    expect(await checks(dir, './a.sh && ./none.sh')).toMatchObject([
      { name: 'program ./a.sh', state: 'WARN', fix: expect.stringContaining('chmod +x ./a.sh') },
      { name: 'program ./none.sh', state: 'WARN', fix: expect.stringContaining('Make ./none.sh') },
    ]);
  });

  it('looks for what the cases of a shipped scenario need', async () => {
    const dir = await folder({ 'cases.json': '{ "needs": ["tools", "no-such-system", "nginks"] }' });
    const found = (await checks(dir, 'true')).filter(({ name }) => name.startsWith('system'));
    expect(found).toMatchObject([
      { name: 'system tools' },
      { name: 'system no-such-system', state: 'WARN' },
      { name: 'system nginks', state: 'WARN', found: 'unknown; did you mean `nginx`?' },
    ]);
  });

  it('knows every system that scripts/install-systems knows, with its packages', () => {
    const list =
      /<<'LIST'\n([\s\S]*?)\nLIST/.exec(readFileSync(join(ROOT, 'scripts/install-systems'), 'utf8'))?.[1] ?? '';
    const there = list.split('\n').map((line) => line.split('|').slice(0, 2));
    expect(there.length).toBeGreaterThan(10);
    expect(Object.entries(SYSTEMS).map(([name, { debian }]) => [name, debian])).toEqual(there);
  });
});

describe('doctor on versions', () => {
  const said = async (program: string, prints: string) => {
    const dir = await folder({ tool: `#!/bin/sh\necho '${prints}'\n` });
    const [check] = await checkVersions(new Map([[program, join(dir, 'tool')]]), new Map());
    return check === undefined ? null : [check.state, check.found];
  };

  it.each([
    ['nginx', 'nginx version: nginx/1.22.1', 'WARN', '1.22.1: before 1.27.4'],
    ['nginx', 'nginx version: nginx/1.27.4', 'OK', 'keepalive_min_timeout'],
    ['nginx', 'nginx version: nginx/1.28.0', 'OK', '1.28.0'],
    ['gunicorn', 'gunicorn (version 20.1.0)', 'WARN', 'gthread'],
    ['gunicorn', 'gunicorn (version 23.0.0)', 'OK', '23.0.0'],
    ['haproxy', 'HAProxy version 2.6.12-1', 'NOTE', 'idle-close-on-response'],
    ['node', 'v18.20.0', 'OK', 'leaves idle connections open'],
    ['node', 'v22.1.0', 'NOTE', 'where the app runs on this Node'],
    ['pm2', '', 'NOTE', 'exits with 0 also where the new workers died'],
  ])('of %s that prints %j: %s', async (program, prints, state, words) => {
    expect(await said(program, prints)).toEqual([state, expect.stringContaining(words)]);
  });

  it('says nothing of a program that does not say its version', async () => {
    expect(await said('nginx', 'what?')).toBeNull();
  });
});

describe('doctor on watchers', () => {
  it('says which of them could not see, as an error where no setup could make it', async () => {
    const dir = await folder({ 'a.log': '', 'dead.pid': '4194304\n', 'live.pid': `${process.pid}\n` });
    await symlink('releases/v1', join(dir, 'current'));
    const watch = `watch:
  - { link: current }
  - { link: a.log }
  - { log: a.log }
  - { log: none.log }
  - { processes: { pidfile: live.pid } }
  - { processes: { pidfile: dead.pid } }
  - { haproxy: none.sock }
  - { queue: { redis: "redis://127.0.0.1:1", keys: [a] } }
`;
    const look = async (steps: string) => {
      await writeFile(join(dir, 'scenario.yaml'), scenarioText(steps, watch));
      return checkWatchers(await loadScenario(join(dir, 'scenario.yaml'), { env: {} }));
    };
    const found = await look('[{ name: switch, run: "true" }]');
    expect(found.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'watch link OK',
      'watch link MISSING',
      'watch log OK',
      'watch log MISSING',
      'watch processes OK',
      'watch processes MISSING',
      'watch haproxy MISSING',
      'watch queue MISSING',
    ]);
    expect(found[0]?.found).toContain('-> releases/v1');
    expect(found[1]?.found).toContain('is no link');
    const withSetup = await look('[{ name: setup, run: "true" }, { name: switch, run: "true" }]');
    expect(new Set(withSetup.map(({ state }) => state))).toEqual(new Set(['OK', 'WARN']));
  });
});

function scenarioText(steps: string, rest = ''): string {
  return `version: 1
name: shop
target: { url: "http://127.0.0.1:1" }
traffic: { rate: 10/s, mix: [{ get: / }] }
steps: ${steps}
${rest}`;
}

async function checks(dir: string, run: string, env: Record<string, string> = {}) {
  const step = { name: 'switch', run, ...(Object.keys(env).length === 0 ? {} : { env }) };
  await writeFile(join(dir, 'scenario.yaml'), scenarioText(JSON.stringify([step])));
  const scenario: Scenario = await loadScenario(join(dir, 'scenario.yaml'), { env: {} });
  return checkPrograms(scenario);
}

async function states(dir: string, run: string): Promise<Record<string, string>> {
  return Object.fromEntries((await checks(dir, run)).map(({ name, state }) => [name, state]));
}

/** A folder with these files, executable. */
async function folder(files: Record<string, string>): Promise<string> {
  const dir = await emptyFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
    await chmod(join(dir, name), 0o755);
  }
  return dir;
}
