import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, type Watched, watching } from './drive.ts';

const targets = (watched: Watched) => watched.all('state').map(({ value }) => value);

async function linked(): Promise<{ path: string; watched: Watched; dir: string }> {
  const dir = folder();
  const path = join(dir, 'current');
  symlinkSync('releases/v1', path);
  const watched = watching('link', { path });
  await watched.sees();
  return { path, watched, dir };
}

describe('a watched link', () => {
  it('is seen where it points, and again when it is moved in one step', async () => {
    const { path, watched, dir } = await linked();
    for (const version of ['v2', 'v1']) {
      symlinkSync(`releases/${version}`, join(dir, 'next'));
      renameSync(join(dir, 'next'), path);
      await watched.until(version, () => targets(watched).at(-1) === `releases/${version}`);
    }
    await watched.stop();
    expect(targets(watched)).toEqual(['releases/v1', 'releases/v2', 'releases/v1']);
    expect(watched.all('blind')).toEqual([]);
  });

  it.each([
    ['mv -T', 'ln -s releases/v2 next && mv -T next current'],
    ['ln -sfn of GNU, which moves it too', 'ln -sfn releases/v2 current'],
  ])('is never away under %s', async (_, command) => {
    const { watched, dir } = await linked();
    expect(spawnSync('sh', ['-ec', command], { cwd: dir }).status).toBe(0);
    await watched.until('v2', () => targets(watched).includes('releases/v2'));
    await watched.stop();
    expect(targets(watched)).toEqual(['releases/v1', 'releases/v2']);
  });

  it('is seen to be away where it is removed and made again, however short that was', async () => {
    const { path, watched } = await linked();
    // In one go, so that nothing can look in between.
    unlinkSync(path);
    symlinkSync('releases/v2', path);
    await watched.until('away', () => targets(watched).includes(null));
    await watched.stop();
    expect(targets(watched).at(-1)).toBe('releases/v2');
  });

  it('is seen to be away where it comes back unchanged', async () => {
    const { path, watched } = await linked();
    unlinkSync(path);
    symlinkSync('releases/v1', path);
    await watched.until('away', () => targets(watched).includes(null));
    await watched.stop();
    expect(targets(watched)).toEqual(['releases/v1', null, 'releases/v1']);
  });

  it('may not be there yet, nor its folder', async () => {
    const dir = folder();
    const path = join(dir, 'srv', 'current');
    const watched = watching('link', { path });
    await watched.sees();
    expect(targets(watched)).toEqual([null]);
    mkdirSync(join(dir, 'srv'));
    symlinkSync('v1', path);
    await watched.until('v1', () => targets(watched).includes('v1'));
  });

  it('cannot be seen where something else has its place', async () => {
    const { path, watched, dir } = await linked();
    writeFileSync(join(dir, 'file'), '');
    rmSync(path);
    renameSync(join(dir, 'file'), path);
    await watched.until('blind', () => watched.all('blind').length > 0);
    expect(watched.all('blind')[0]?.detail).toContain('is no symbolic link');
    symlinkSync('releases/v2', join(dir, 'next'));
    renameSync(join(dir, 'next'), path);
    await watched.until('sees again', () => targets(watched).at(-1) === 'releases/v2');
    expect(watched.events.at(-2)?.what).toBe('sees');
  });
});
