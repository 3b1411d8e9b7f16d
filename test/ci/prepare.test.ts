import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyFolder } from '../setup/empty-folder.js';
import { packagedAction } from './runner.js';

const COMMAND = 'process.exit(0);\n';

/** A registry on the loopback that has `zdd-verify` in one version. */
async function registry(folder: string, version: string): Promise<string> {
  const source = join(folder, 'published');
  await mkdir(join(source, 'dist/cli'), { recursive: true });
  const manifest = { name: 'zdd-verify', version, scripts: { install: 'touch installed-a-script' } };
  await writeFile(join(source, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(source, 'dist/cli/main.js'), COMMAND);
  spawnSync('tar', [
    '-czf',
    join(folder, 'package.tgz'),
    '--transform',
    's/^published/package/',
    '-C',
    folder,
    'published',
  ]);
  const bytes = await readFile(join(folder, 'package.tgz'));
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    if (request.url === '/package.tgz') return response.end(bytes);
    if (request.url !== '/zdd-verify') return response.writeHead(404).end('{}');
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const dist = { tarball: `http://127.0.0.1:${port}/package.tgz`, integrity };
    const versions = { [version]: { ...manifest, dist } };
    return response.end(JSON.stringify({ name: 'zdd-verify', 'dist-tags': { latest: version }, versions }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function prepare(folder: string, actionPath: string, env: Record<string, string> = {}) {
  const output = join(folder, 'outputs');
  await mkdir(join(folder, 'checkout'), { recursive: true });
  await writeFile(output, '');
  const child = spawn(process.execPath, [join(actionPath, 'ci/github/prepare.mjs')], {
    cwd: join(folder, 'checkout'),
    env: { PATH: process.env.PATH, HOME: folder, RUNNER_TEMP: folder, GITHUB_OUTPUT: output, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const exitCode = await new Promise((done) => child.on('close', done));
  const main = /^main=(.*)$/m.exec(await readFile(output, 'utf8'))?.[1];
  return { exitCode, stdout, main };
}

describe('the command that the action runs', { timeout: 120_000 }, () => {
  it('is the one of the package that the action is part of', async () => {
    const folder = await emptyFolder();
    const path = await packagedAction(folder, COMMAND);
    expect((await prepare(folder, path)).main).toBe(join(path, 'dist/cli/main.js'));
  });

  it("is the project's own where the action was checked out without one", async () => {
    const folder = await emptyFolder();
    const path = await packagedAction(folder, COMMAND);
    const own = join(folder, 'checkout/node_modules/zdd-verify');
    await cp(path, own, { recursive: true });
    await rm(join(path, 'dist'), { recursive: true });
    expect((await prepare(folder, path)).main).toBe(join(own, 'dist/cli/main.js'));
  });

  it.each([
    ['of the action, where neither has one', ''],
    ['that is named', '0.1.0'],
  ])('is installed in the version %s, without running its scripts', async (_, version) => {
    const folder = await emptyFolder();
    const path = await packagedAction(folder, COMMAND);
    if (version === '') await rm(join(path, 'dist'), { recursive: true });
    const npm_config_registry = await registry(folder, '0.1.0');
    const { exitCode, main = '' } = await prepare(folder, path, { npm_config_registry, INPUT_VERSION: version });
    expect(exitCode).toBe(0);
    expect(main).toMatch(/zdd-verify-tool-\w+\/node_modules\/zdd-verify\/dist\/cli\/main\.js$/);
    expect(await readFile(main, 'utf8')).toBe(COMMAND);
    await expect(readFile(join(main, '../../../installed-a-script'))).rejects.toThrow('ENOENT');
  });

  it('is missing with a sentence where the version does not exist', async () => {
    const folder = await emptyFolder();
    const path = await packagedAction(folder, COMMAND);
    const npm_config_registry = await registry(folder, '0.1.0');
    const { exitCode, stdout } = await prepare(folder, path, { npm_config_registry, INPUT_VERSION: '9.9.9' });
    expect({ exitCode, stdout }).toEqual({
      exitCode: 1,
      stdout: '::error title=zdd-verify::zdd-verify 9.9.9 cannot be installed from npm\n',
    });
  });
});
