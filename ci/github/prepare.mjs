// Finds or installs the command, and makes the folder for the run directories. Outputs: main, out.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, setOutputs } from './workflow.mjs';

const OLDEST_NODE = 20;
const MAIN = 'dist/cli/main.js';
const own = fileURLToPath(new URL('../../', import.meta.url));
const temporary = process.env.RUNNER_TEMP ?? process.env.TMPDIR ?? '/tmp';
const asked = process.env.INPUT_VERSION ?? '';

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(
    `zdd-verify needs Node ${OLDEST_NODE} or newer, and this is ${process.versions.node}: put actions/setup-node before it`,
  );
}
// A version or a tag, never a path or an address from which something else would be installed.
if (!/^[\w.+-]*$/.test(asked) || asked.startsWith('-')) fail(`\`version\` is a version such as 1.2.3, not ${asked}`);
setOutputs({
  main: asked === '' ? (shipped() ?? ofProject() ?? installed(ownVersion())) : installed(asked),
  out: mkdtempSync(join(temporary, 'zdd-verify-')),
});

/** Beside this file, where the action is used out of the npm package. */
function shipped() {
  const file = join(own, MAIN);
  return existsSync(file) ? file : null;
}

/** The project's own dependency, by whose version its scenario was written. */
function ofProject() {
  try {
    const manifest = createRequire(join(process.cwd(), 'package.json')).resolve('zdd-verify/package.json');
    const file = join(manifest, '..', MAIN);
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
}

function ownVersion() {
  return JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')).version;
}

/** Installed in a folder of its own: the project's dependencies stay as they are. */
function installed(version) {
  const prefix = mkdtempSync(join(temporary, 'zdd-verify-tool-'));
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', '--prefix', prefix, ...flags, `zdd-verify@${version}`], {
    // Its standard output is no place for commands to the runner.
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail(`zdd-verify ${version} cannot be installed from npm`);
  return join(prefix, 'node_modules/zdd-verify', MAIN);
}
