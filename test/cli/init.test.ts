import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { initCommand } from '../../src/cli/init.js';
import type { ZddError } from '../../src/model/errors.js';
import { loadScenario } from '../../src/scenario/load.js';
import { STRATEGY_NAMES } from '../../src/scenario/strategies/registry.js';
import { emptyFolder } from '../setup/empty-folder.js';

let stdout = '';
beforeEach(() => {
  stdout = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const init = (...args: string[]) => initCommand().parseAsync(args, { from: 'user' });
const refused = (...args: string[]): Promise<ZddError> =>
  init(...args).then(
    () => {
      throw new Error('it was not refused');
    },
    (error: ZddError) => error,
  );

describe('init', () => {
  it.each(STRATEGY_NAMES)('writes a valid scenario for %s, and its path on stdout', async (name) => {
    const dir = join(await emptyFolder(), 'new', 'folder');
    await init('--preset', name, '--dir', dir);
    const file = join(dir, 'scenario.yaml');
    expect(stdout).toBe(`${file}\n`);
    const scenario = await loadScenario(file, { env: { RELEASE: 'abc123' } });
    expect(scenario.vars.RELEASE).toBe('abc123');
    expect(scenario.steps.length).toBeGreaterThan(2);
  });

  it('never writes over a file', async () => {
    const dir = await emptyFolder();
    await writeFile(join(dir, 'scenario.yaml'), 'mine');
    const error = await refused('--preset', 'rolling', '--dir', dir);
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('init never overwrites') });
    expect(await readFile(join(dir, 'scenario.yaml'), 'utf8')).toBe('mine');
  });

  it('lists the presets', async () => {
    await init('--list');
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([...STRATEGY_NAMES, '']);
  });

  it.each([
    [['--preset', 'rollin'], 'USAGE', 'did you mean `rolling`?'],
    [[], 'NOT_SUPPORTED', 'asks questions'],
    [['--preset', 'rolling', '--ci', 'github'], 'NOT_SUPPORTED', '`init --ci`'],
  ])('refuses %j and says why', async (args, code, words) => {
    expect(await refused(...args)).toMatchObject({ code, message: expect.stringContaining(words) });
  });
});
