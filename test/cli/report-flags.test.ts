import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../setup/empty-folder.js';

const SAMPLE = fileURLToPath(new URL('../../reports/sample', import.meta.url));
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const OUTPUTS = [
  'report.html',
  'report.css',
  'summary.md',
  'junit.xml',
  'metrics.txt',
  'timeline.png',
  'timeline.svg',
  'run.json',
];

/** Which outputs `report` writes of a recorded run with these options. */
async function written(...options: string[]): Promise<string[]> {
  const folder = await emptyFolder();
  await cp(SAMPLE, folder, { recursive: true });
  for (const file of OUTPUTS) await rm(join(folder, file), { force: true });
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'report', folder, ...options], { encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return OUTPUTS.filter((file) => existsSync(join(folder, file)));
}

describe('report', { timeout: 60_000 }, () => {
  it.each([
    [['--html'], ['report.html']],
    [
      ['--html', '--assets', 'dir'],
      ['report.html', 'report.css'],
    ],
    [['--md'], ['summary.md']],
    [
      ['--junit', '--metrics'],
      ['junit.xml', 'metrics.txt'],
    ],
    [['--png'], ['timeline.png']],
    [['--svg'], ['timeline.svg']],
  ])('%j writes what it names and nothing else', async (options, files) => {
    expect(await written(...options)).toEqual(files);
  });
});
