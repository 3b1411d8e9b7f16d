// Compiles src/ to dist/ and copies the files that are read at run time beside the code that reads them. The new
// dist/ takes the place of the old one in one move: a command that is running meanwhile finds one or the other.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
const draft = mkdtempSync(join(root, '.dist-'));
try {
  const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json'), '--outDir', draft], {
    stdio: 'inherit',
  });
  if (status === 0) publish();
  process.exitCode = status ?? 1;
} finally {
  rmSync(draft, { recursive: true, force: true });
}

/** The draft, with what belongs to it beside its code, becomes dist/. */
function publish() {
  cpSync(join(root, 'src/scenario/scenario.schema.json'), join(draft, 'scenario/scenario.schema.json'));
  chmodSync(join(draft, 'cli/main.js'), 0o755);
  // Steps find `zdd-verify mark` by this name, last on their PATH.
  mkdirSync(join(draft, 'bin'));
  const shim = '#!/bin/sh\nexec node "$(dirname "$0")/../cli/main.js" "$@"\n';
  writeFileSync(join(draft, 'bin/zdd-verify'), shim, { mode: 0o755 });
  chmodSync(draft, 0o755);
  const old = `${draft}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(draft, dist);
  rmSync(old, { recursive: true, force: true });
}
