import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { schemaCommand } from '../../src/cli/schema.js';
import { validateCommand } from '../../src/cli/validate.js';
import { fileOf, MINIMAL, thrownBy, withLine } from './scenarios.js';

let stdout = '';
let stderr = '';

beforeEach(() => {
  stdout = '';
  stderr = '';
  vi.stubEnv('NO_COLOR', '1');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const validate = (...args: string[]) => validateCommand().parseAsync(args, { from: 'user' });

describe('validate', () => {
  it('says a line for each step in the order they run, on stderr alone', async () => {
    const file = fileOf(
      `${MINIMAL.replace('./switch.sh', '"true"')}  - { name: teardown, run: "true" }\n  - { name: db, kind: setup, run: "true" }\nrollback: { run: ["true"], ready: { get: /up } }\n`,
    );
    await validate(file);
    expect(stderr.split('\n')).toEqual([
      'db        setup     true',
      'switch    switch    true',
      'rollback  rollback  true  ready: /up  (rehearsed)',
      'teardown  teardown  true',
      `valid ${file}`,
      '',
    ]);
    expect(stdout).toBe('');
  });

  it('warns of programs and folders that are not there, and passes', async () => {
    const file = fileOf(
      `${MINIMAL}  - { name: b, run: [no-such-program-here] }\n  - { name: c, run: "true", cwd: nowhere }\n`,
    );
    await validate(file);
    expect(stderr).toContain('warning switch: ./switch.sh is not found now');
    expect(stderr).toContain('warning b: no-such-program-here is not found now');
    expect(stderr).toMatch(/warning c: the folder .*nowhere does not exist yet/);
    expect(stderr).toContain(`valid ${file}`);
  });

  it('prints the effective scenario on stdout, secrets by their names, the default thresholds beside it', async () => {
    vi.stubEnv('TOKEN', 'hunter2-hunter2');
    const file = fileOf(withLine(10, '  - { name: a, run: [echo, "${secret:TOKEN}"] }'));
    await validate(file, '--print-effective', '--set', 'traffic.rate=7/s');
    expect(parse(stdout)).toMatchObject({
      traffic: { rate: '7/s' },
      steps: [{ name: 'a', run: ['echo', '${secret:TOKEN}'] }],
    });
    expect(stdout).toContain('#   latency: p(99)<2*baseline');
    expect(stdout + stderr).not.toContain('hunter2');
  });

  it('throws what is wrong and prints nothing', async () => {
    const error = await thrownBy(validate(fileOf(withLine(6, '  rate: fast'))));
    expect(error.message).toContain(':6:9: traffic.rate: expected a rate');
    expect(stdout + stderr).toBe('');
  });
});

describe('schema', () => {
  it('prints the JSON Schema', async () => {
    await schemaCommand().parseAsync([], { from: 'user' });
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: expect.arrayContaining(['name', 'traffic']),
    });
  });
});
