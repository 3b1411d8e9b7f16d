import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

it.each(['test/bench/bench.ts', 'test/corpus/corpus.ts'])('%s starts outside of the tests', async (script) => {
  const { stdout } = await promisify(execFile)('npx', ['jiti', script, '--help'], { cwd: ROOT });
  expect(stdout).toContain('npm run');
});
