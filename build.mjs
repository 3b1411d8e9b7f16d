// Compiles src/ to dist/ and copies the files that are read at run time beside the code that reads them.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
rmSync(`${root}dist`, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [tsc, '-p', `${root}tsconfig.json`], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
for (const asset of ['scenario/scenario.schema.json']) {
  if (existsSync(`${root}src/${asset}`)) cpSync(`${root}src/${asset}`, `${root}dist/${asset}`);
}
chmodSync(`${root}dist/cli/main.js`, 0o755);
// Steps find `zdd-verify mark` by this name, last on their PATH.
mkdirSync(`${root}dist/bin`);
writeFileSync(`${root}dist/bin/zdd-verify`, '#!/bin/sh\nexec node "$(dirname "$0")/../cli/main.js" "$@"\n', { mode: 0o755 });
