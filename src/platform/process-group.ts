import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Sends a signal to every process of the group; false where the group is gone. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends a process group: SIGTERM, and SIGKILL where it is still alive after `graceMs`. Resolves once no living
 * process of it is left (zombies that nobody reaps yet do not count), or a second after SIGKILL.
 */
export async function endGroup(groupId: number, graceMs: number): Promise<void> {
  if (!groupAlive(groupId)) return;
  signalGroup(groupId, 'SIGTERM');
  if (await goneWithin(groupId, graceMs)) return;
  signalGroup(groupId, 'SIGKILL');
  await goneWithin(groupId, 1000);
}

/** Whether no living process of the group is left, asked until that is so or the time is over. */
async function goneWithin(groupId: number, ms: number): Promise<boolean> {
  const pollMs = 20;
  for (let waited = 0; waited < ms; waited += pollMs) {
    if (!groupAlive(groupId)) return true;
    await delay(pollMs);
  }
  return !groupAlive(groupId);
}

/** Whether the process that started then has ended, asked until that is so or the time is over. */
export async function endedWithin(pid: number, startTicks: string | null, ms: number): Promise<boolean> {
  const pollMs = 20;
  for (let waited = 0; waited < ms; waited += pollMs) {
    if (!isAlive(pid, startTicks)) return true;
    await delay(pollMs);
  }
  return !isAlive(pid, startTicks);
}

/** Whether any process of the group lives. Where /proc is missing, zombies count as alive. */
export function groupAlive(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isLivingMember(name, groupId));
  } catch {
    return true;
  }
}

function isLivingMember(pid: string, groupId: number): boolean {
  const stat = readStat(Number(pid));
  return stat !== null && stat.groupId === groupId && stat.state !== 'Z' && stat.state !== 'X';
}

/** State, group and start time (clock ticks since boot) of a process; null where it is gone or /proc is missing. */
export function readStat(pid: number): { state: string; groupId: number; startTicks: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may itself hold blanks and brackets: count from the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] as string, groupId: Number(fields[2]), startTicks: fields[19] as string };
  } catch {
    return null;
  }
}

/** Whether the process of this number is still the one that started then. */
export function isAlive(pid: number, startTicks: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = readStat(pid);
  if (stat === null) return true;
  return stat.state !== 'Z' && (startTicks === null || stat.startTicks === startTicks);
}
