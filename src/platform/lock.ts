import { createHash, randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, readStat } from './process-group.js';

export interface Lock {
  release(): void;
}

interface Holder {
  pid: number;
  startTicks: string | null;
}

const TRIES = 5;

/**
 * Takes the machine-wide lock of this name, or tells which process holds it. The lock appears with its content in one
 * step (a hard link), and one whose holder is dead (by number and start time) is put aside by a rename, which only one
 * of several that try can win.
 */
export function takeLock(name: string): Lock | { heldBy: number } {
  const path = join(tmpdir(), `zdd-verify-${createHash('sha256').update(name).digest('hex').slice(0, 16)}.lock`);
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const self: Holder = { pid: process.pid, startTicks: readStat(process.pid)?.startTicks ?? null };
  writeFileSync(draft, JSON.stringify(self), { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      if (linked(draft, path)) return { release: () => release(path, self) };
      const holder = holderOf(path);
      if (holder !== null && isAlive(holder.pid, holder.startTicks)) return { heldBy: holder.pid };
      putAside(path, `${draft}.dead`, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new Error(`the lock ${path} cannot be taken; remove it if no run is under way`);
}

function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Another may have taken the lock over since it was looked at: then it is put back. */
function putAside(path: string, grave: string, dead: Holder | null): void {
  try {
    renameSync(path, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const buried = holderOf(grave);
  if (buried?.pid !== dead?.pid || buried?.startTicks !== dead?.startTicks) linked(grave, path);
  rmSync(grave, { force: true });
}

function release(path: string, self: Holder): void {
  const holder = holderOf(path);
  if (holder?.pid === self.pid && holder.startTicks === self.startTicks) rmSync(path, { force: true });
}

function holderOf(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}
