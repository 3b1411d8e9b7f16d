import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A mark in the environment, inherited by whatever a run starts: by it the left-over is found. */
export function newMark(): { name: string; value: string } {
  return { name: 'ZDD_TEST_MARK', value: randomUUID() };
}

export interface Left {
  pid: number;
  command: string;
}

/** Living processes that carry the mark (Linux; elsewhere none are found). */
export function marked({ name, value }: { name: string; value: string }): Left[] {
  return processIds().flatMap((pid) => {
    const environment = readProc(pid, 'environ');
    if (!environment.split('\0').includes(`${name}=${value}`)) return [];
    const state = readProc(pid, 'stat').split(') ').at(-1)?.[0];
    if (state === 'Z' || state === 'X') return [];
    return [{ pid, command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim() }];
  });
}

/** What is still alive once it had `withinMs` to end; empty as soon as nothing is. */
export async function leftOver(mark: { name: string; value: string }, withinMs = 3000): Promise<Left[]> {
  const until = performance.now() + withinMs;
  for (;;) {
    const left = marked(mark);
    if (left.length === 0 || performance.now() > until) return left;
    await delay(50);
  }
}

/** Waits until `look` gives something other than null. */
export async function eventually<T>(
  what: string,
  look: () => T | null | Promise<T | null>,
  withinMs = 20_000,
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > until) throw new Error(`this never came about: ${what}`);
    await delay(20);
  }
}

export function isAlive(pid: number): boolean {
  const state = readProc(pid, 'stat').split(') ').at(-1)?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
