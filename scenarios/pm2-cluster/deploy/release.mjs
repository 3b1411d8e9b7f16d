// Immutable releases and the link that says which of them is live.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { current, here, mistake, releaseDir, root, sharedAssets } from './layout.mjs';

const hashed = ['style.css'];

/** Makes releases/VERSION from the source. It appears under its name only when it is complete, and never changes again. */
export function buildRelease(version) {
  const target = releaseDir(version);
  if (existsSync(target)) throw new Error(`release ${version} exists already: releases are never changed`);
  mkdirSync(path.dirname(target), { recursive: true });
  mkdirSync(sharedAssets, { recursive: true });
  const staging = mkdtempSync(path.join(path.dirname(target), `.${version}-`));
  try {
    copySource(path.join(here, 'app'), staging);
    copySource(path.join(here, 'app', version), staging);
    if (mistake === 'bad-release' && version !== 'v1') rmSync(path.join(staging, 'catalog.cjs')); // a file the packaging forgot
    const bootMs = mistake === 'slow-boot' && version !== 'v1' ? 8_000 : 0; // v2 fills a cache before it listens
    checkSyntax(staging);
    const assets = publishAssets(staging);
    writeFileSync(
      path.join(staging, 'release.json'),
      `${JSON.stringify({ version, bootMs, assets, files: checksums(staging) }, null, 2)}\n`,
    );
    symlinkSync(path.join(here, 'node_modules'), path.join(staging, 'node_modules'));
    renameSync(staging, target);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
  return target;
}

/** Points `current` at a release in one step: at no instant is there no link, as there is with `ln -sfn`. */
export function pointTo(version) {
  if (!existsSync(releaseDir(version))) throw new Error(`there is no release ${version}`);
  const temporary = path.join(root, `.current-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(path.join('releases', version), temporary);
  renameSync(temporary, current);
  console.log(`current -> ${readlinkSync(current)}`);
}

function copySource(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isFile()) copyFileSync(path.join(from, entry.name), path.join(to, entry.name));
  }
}

function checkSyntax(dir) {
  for (const name of readdirSync(dir).filter((file) => file.endsWith('.cjs'))) {
    const { status, stderr } = spawnSync(process.execPath, ['--check', path.join(dir, name)], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
  }
}

// The name carries the content's hash, so assets of all releases share one folder, and the old ones stay.
function publishAssets(dir) {
  return Object.fromEntries(
    hashed.map((name) => {
      const { name: stem, ext } = path.parse(name);
      const published = `${stem}.${sha256(path.join(dir, name)).slice(0, 12)}${ext}`;
      copyFileSync(path.join(dir, name), path.join(sharedAssets, published));
      return [name, published];
    }),
  );
}

function checksums(dir) {
  return Object.fromEntries(
    readdirSync(dir)
      .sort()
      .map((name) => [name, sha256(path.join(dir, name))]),
  );
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
