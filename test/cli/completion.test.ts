import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bashScript } from '../../src/cli/completion/bash.js';
import { fishScript } from '../../src/cli/completion/fish.js';
import { allOf, type CompletedCommand, treeOf } from '../../src/cli/completion/tree.js';
import { zshScript } from '../../src/cli/completion/zsh.js';
import { wholeProgram } from '../../src/cli/program.js';
import { STRATEGY_NAMES } from '../../src/scenario/strategies/registry.js';
import { emptyFolder } from '../setup/empty-folder.js';

let tree: CompletedCommand;
beforeAll(async () => {
  tree = treeOf(await wholeProgram());
}, 60_000);

/** What is typed, and what it becomes: the same in each shell. */
const LINES: readonly (readonly [string, string])[] = [
  ['zdd-verify ini', 'init'],
  ['zdd-verify migrations tr', 'trace'],
  ['zdd-verify help ini', 'init'],
  ['zdd-verify run --reh', '--rehearsal'],
  ['zdd-verify migrations check --po', '--postgres'],
  ['zdd-verify init --preset ro', 'rolling'],
  ['zdd-verify init --ci gi', 'github'],
  ['zdd-verify completion f', 'fish'],
  ['zdd-verify run sce', 'scenario one.yaml'],
  ['zdd-verify run --rate 50/s sce', 'scenario one.yaml'],
  ['zdd-verify gate reports/2', 'reports/20260101-run'],
  ['zdd-verify run --out rep', 'reports'],
  ['zdd-verify gate --thresholds pol', 'policy.txt'],
];

async function folder(): Promise<string> {
  const dir = await emptyFolder();
  await mkdir(join(dir, 'reports/20260101-run'), { recursive: true });
  await writeFile(join(dir, 'reports/20260101-run/run.json'), '{}');
  await writeFile(join(dir, 'scenario one.yaml'), '');
  await writeFile(join(dir, 'policy.txt'), '');
  for (const [name, script] of Object.entries({ bash: bashScript, zsh: zshScript, fish: fishScript })) {
    await writeFile(join(dir, `.completion.${name}`), script(tree));
  }
  return dir;
}

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

function output(shell: string, args: readonly string[], cwd: string): string {
  const { stdout, stderr, status } = spawnSync(shell, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, HOME: cwd, TERM: 'xterm' },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe('completion', () => {
  it('knows every command, its options and the presets from the command line itself', async () => {
    const paths = allOf(tree).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['run', 'init', 'migrations check', 'completion']));
    const init = allOf(tree).find(({ path }) => path === 'init');
    expect(init?.options.find(({ names }) => names.includes('--preset'))?.value).toEqual({ words: STRATEGY_NAMES });
    for (const { path, options } of allOf(tree)) {
      if (path.split(' ').at(-1) !== 'help') expect(options.flatMap(({ names }) => names)).toContain('--help');
    }
  });

  it('works in bash', async () => {
    const dir = await folder();
    const script = `source ./.completion.bash
      try() {
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _zdd_verify
        printf '%s|' "\${COMPREPLY[@]}"
        echo
      }
      ${LINES.map(([line]) => `try ${line}`).join('\n')}
      try zdd-verify init --preset = ro
      try zdd-verify run --url http://127.0.0.1 -- pol
      try zdd-verify run ''`;
    const lines = output('bash', ['--norc', '-c', script], dir).trim().split('\n');
    const offered = lines.map((line) => line.split('|').slice(0, -1));
    for (const [index, [line, expected]] of LINES.entries())
      expect([line, offered[index]]).toEqual([line, expect.arrayContaining([expected])]);
    expect(offered.slice(LINES.length, -1)).toEqual([['rolling'], ['policy.txt']]);
    expect(offered.at(-1)?.sort()).toEqual(['reports', 'scenario one.yaml']);
  });

  it.skipIf(!isInstalled('fish'))('works in fish', async () => {
    const dir = await folder();
    const script = `source ./.completion.fish
      ${LINES.map(([line]) => `complete -C '${line}'; echo =====`).join('\n')}`;
    const offered = output('fish', ['--no-config', '-c', script], dir).split('=====\n');
    for (const [index, [line, expected]] of LINES.entries()) {
      const words = (offered[index] ?? '')
        .split('\n')
        .map((each) => (each.split('\t')[0] as string).replace(/\/$/, ''));
      expect([line, words]).toEqual([line, expect.arrayContaining([expected])]);
    }
  });

  it.skipIf(!isInstalled('zsh'))(
    'works in zsh',
    async () => {
      const dir = await folder();
      // A shell with a terminal of its own, in which a key tells what the line has become.
      const script = `zmodload zsh/zpty
      zpty shell 'zsh -f -i'
      zpty -w shell 'PS1=; autoload -U compinit; compinit -u -D; source ./.completion.zsh; bindkey "^I" complete-word
        show() { print -r -- "<$BUFFER>"; BUFFER= }; zle -N show; bindkey "^X" show; print REA""DY'
      zpty -r -m shell text '*READY*'
      for line in ${LINES.map(([line]) => `'${line}'`).join(' ')} 'zdd-verify init --preset=ro'; do
        zpty -w -n shell "$line"$'\\t\\x18'
        zpty -r -m shell text '*<*>*'
        print -r -- "\${\${text##*<}%%>*}"
      done
      zpty -d shell`;
      const lines = output('zsh', ['-f', '-c', script], dir).split('\n');
      for (const [index, [line, expected]] of LINES.entries()) {
        // Of two that begin alike the shell fills in what they share.
        const typed = line.includes('--ci') ? 'git' : expected.replaceAll(' ', '\\ ');
        expect(lines[index]?.trim().replace(/[/=]$/, '')).toBe(`${line.slice(0, line.lastIndexOf(' '))} ${typed}`);
      }
      expect(lines[LINES.length]?.trim()).toBe('zdd-verify init --preset=rolling');
    },
    60_000,
  );
});
