import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../src/scenario/load.ts';
import { type Case, readCases, sameSettings } from './cases.ts';
import { mistakesOf } from './readme.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SCENARIOS = join(PROJECT, 'scenarios');
const folders = readdirSync(SCENARIOS).filter((name) => existsSync(join(SCENARIOS, name, 'scenario.yaml')));

const textOf = (name: string, file: string): string => readFileSync(join(SCENARIOS, name, file), 'utf8');
const scriptsOf = (name: string): string[] =>
  readdirSync(join(SCENARIOS, name, 'deploy'))
    .filter((file) => file.endsWith('.sh'))
    .map((file) => join(SCENARIOS, name, 'deploy', file));
const breaksOf = (cases: readonly Case[]): string[] => [...new Set(cases.flatMap(({ set }) => set.BREAK ?? []))].sort();

it('every scenario has its cases', () => {
  expect(folders.length).toBeGreaterThan(0);
  expect(new Set(readCases(SCENARIOS).map(({ scenario }) => scenario))).toEqual(new Set(folders));
});

describe.each(folders)('scenarios/%s', (name) => {
  const cases = (): Case[] => readCases(SCENARIOS, [name]);

  it('has a good case, and every case makes one mistake of its own', () => {
    expect(cases().some(({ set }) => Object.keys(set).length === 0)).toBe(true);
    const settings = cases().map(({ set }) => JSON.stringify(Object.entries(set).sort()));
    expect(new Set(settings).size).toBe(settings.length);
  });

  it('is valid with the settings of each case, and has the steps that its labels name', async () => {
    for (const { name: label, set, step } of cases()) {
      const values = Object.entries({ ROOT: '/tmp/zdd', PORT: '21999', ...set });
      const scenario = await loadScenario(join(SCENARIOS, name, 'scenario.yaml'), {
        set: values.map(([variable, value]) => `${variable}=${value}`),
        env: {},
      });
      const steps = [...scenario.steps, ...scenario.rollback].map((each) => each.name);
      expect(steps, label).toEqual(expect.arrayContaining(step ?? []));
    }
  });

  it('names each BREAK in the comment on top of scenario.yaml, and no other', () => {
    const comment = textOf(name, 'scenario.yaml').split(/^(?!#)/m)[0] ?? '';
    const named = [...comment.matchAll(/^# ([a-z0-9][a-z0-9-]*) {2,}\S/gm)].map(([, word = '']) => word);
    expect(named.filter((word) => word !== 'none' && word !== 'good').sort()).toEqual(breaksOf(cases()));
  });

  it('accepts each BREAK in its scripts, and no other', () => {
    const accepted = scriptsOf(name).flatMap((file) => {
      const lists = readFileSync(file, 'utf8')
        .replaceAll('\\\n', ' ')
        .matchAll(/^\s*one_of "\$BREAK" (.*)$/gm);
      return [...lists].map(([, list = '']) => list.trim().split(/\s+/));
    });
    for (const list of accepted) expect(list.filter((each) => each !== 'none').sort()).toEqual(breaksOf(cases()));
  });

  it('has the same cases in the table of its README', () => {
    const rows = mistakesOf(textOf(name, 'README.md'));
    expect(rows.length).toBe(cases().length);
    for (const { name: label, set, verdict, exitCode, step } of cases()) {
      const row = rows.find((each) => sameSettings(each.set, set));
      expect(row, `a row for ${label}`).toBeDefined();
      for (const each of verdict) expect(row?.verdict, label).toContain(each);
      expect(row?.exit.match(/\d+/g)?.map(Number), label).toEqual(exitCode);
      // The first step that is harmed is among those of the row.
      if (step != null)
        expect(
          step.some((each) => row?.step.includes(each)),
          `step of ${label}: ${row?.step}`,
        ).toBe(true);
    }
  });

  it('has evidence of something that happened for each case, not only of what did not', () => {
    for (const { name: label, evidence } of cases()) {
      const positive = evidence.filter(
        (each) => !('file' in each) || (each.exactly ?? 0) > 0 || (each.atLeast ?? 0) > 0,
      );
      expect(positive.length, label).toBeGreaterThan(0);
    }
  });

  it('needs what the installer knows', () => {
    const installer = readFileSync(join(PROJECT, 'scripts/install-systems'), 'utf8');
    const known = [...installer.matchAll(/^([a-z]+)\|.+\|/gm)].map(([, system]) => system);
    expect(known).toContain('nginx');
    expect(known).toEqual(expect.arrayContaining(cases().flatMap(({ needs }) => needs)));
  });

  it('has scripts that parse and can be started', () => {
    if (!existsSync(join(SCENARIOS, name, 'deploy'))) return;
    for (const file of scriptsOf(name)) {
      expect(spawnSync('bash', ['-n', file]).stderr.toString(), file).toBe('');
      const isSourced = !readFileSync(file, 'utf8').startsWith('#!');
      expect(isSourced || (statSync(file).mode & 0o111) !== 0, `${file} is executable`).toBe(true);
    }
  });
});

it('every scenario has ports of its own, below those of outgoing connections', () => {
  const ports = folders.flatMap((name) => {
    const [, port] = /^ {2}PORT: "\$\{PORT:-(\d+)\}"/m.exec(textOf(name, 'scenario.yaml')) ?? [];
    return port === undefined ? [] : [Number(port)];
  });
  const sorted = [...ports].sort((a, b) => a - b);
  for (const [index, port] of sorted.entries()) {
    expect(port).toBeLessThan(32_768 - 10);
    expect(port - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(10);
  }
});
