import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = `${ROOT}dist/cli/main.js`;
const VERSION = (JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string }).version;

function zdd(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
}

describe('the command', () => {
  it('prints its version on stdout and nothing else', () => {
    expect(zdd('--version')).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it('prints its help on stdout where it is asked for, with examples', () => {
    const { status, stdout, stderr } = zdd('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Examples:');
    for (const name of [
      'run',
      'start',
      'stop',
      'validate',
      'report',
      'gate',
      'calibrate',
      'doctor',
      'scenarios',
      'demo',
      'init',
      'haproxy',
      'schema',
      'explain',
      'completion',
      'compare',
      'migrations',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
  });

  it('prints its help on stderr where nothing was asked for', () => {
    const { status, stdout, stderr } = zdd();
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('Usage: zdd-verify');
  });

  it.each([
    'run',
    'start',
    'mark',
    'stop',
    'validate',
    'report',
    'gate',
    'calibrate',
    'doctor',
    'scenarios',
    'demo',
    'init',
    'haproxy',
    'schema',
    'explain',
    'completion',
    'migrations',
  ])('has help with an example for %s, in both spellings', (name) => {
    const { status, stdout } = zdd(name, '--help');
    expect(status).toBe(0);
    expect(stdout).toContain(`Usage: zdd-verify ${name}`);
    expect(stdout).toMatch(/^Examples?\b.*:/m);
    expect(zdd('help', name).stdout).toBe(stdout);
  });

  it.each([
    [['rnu', 'a.yaml'], 'Did you mean run?'],
    [['explain', '--jsn'], 'Did you mean --json?'],
    [['scenarios', 'too', 'many'], 'too many arguments'],
    [['--nope'], 'unknown option'],
    [['run', '--out'], 'argument missing'],
  ])('refuses %j with exit code 2 and says what to do', (args, words) => {
    const { status, stdout, stderr } = zdd(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('error USAGE:');
    expect(stderr).toContain(words);
  });

  it('explains on stdout, and as JSON', () => {
    expect(zdd('explain', '98').stdout).toContain('What to do:');
    expect(JSON.parse(zdd('explain', 'reset', '--json').stdout)).toMatchObject({ code: 'reset', kind: 'failure' });
    expect(zdd('explain', 'rest')).toMatchObject({ status: 2, stdout: '' });
  });

  it('colours nothing in a pipe, and everything with FORCE_COLOR', () => {
    const env = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined };
    const piped = spawnSync(process.execPath, [MAIN, 'explain', 'rest'], { encoding: 'utf8', env });
    expect(piped.stderr).not.toContain('\u001b');
    const forced = spawnSync(process.execPath, [MAIN, 'explain', 'rest'], {
      encoding: 'utf8',
      env: { ...env, FORCE_COLOR: '1' },
    });
    expect(forced.stderr).toContain('\u001b[31merror');
  });

  it('goes on when the reader of its output went away', async () => {
    const child = spawn(process.execPath, [MAIN, 'explain'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const [status] = await once(child, 'exit');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
