import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, readStat } from './process-group.js';

export interface Lock {
  release(): void;
}

/**
 * Takes the machine-wide lock of this name, or tells which process holds it. A lock whose holder is dead (by
 * number and start time) is taken over.
 */
export function takeLock(name: string): Lock | { heldBy: number } {
  const path = join(tmpdir(), `zdd-verify-${createHash('sha256').update(name).digest('hex').slice(0, 16)}.lock`);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      const file = openSync(path, 'wx', 0o644);
      writeSync(file, JSON.stringify({ pid: process.pid, startTicks: readStat(process.pid)?.startTicks ?? null }));
      closeSync(file);
      return { release: () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(path);
    if (holder !== null && isAlive(holder.pid, holder.startTicks)) return { heldBy: holder.pid };
    rmSync(path, { force: true });
  }
  throw new Error(`the lock ${path} cannot be taken`);
}

function holderOf(path: string): { pid: number; startTicks: string | null } | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { pid: number; startTicks: string | null };
  } catch {
    return null;
  }
}
