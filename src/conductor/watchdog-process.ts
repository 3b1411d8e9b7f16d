import { spawn } from 'node:child_process';
import { linesOf } from '../platform/lines.js';
import { endedWithin, endGroup, readStat } from '../platform/process-group.js';
import type { Elsewhere, TeardownCommand, WatchdogMessage, WatchedGroup } from './watchdog.js';

// Entry point of the watchdog's process. The end of standard input without a `done` before it is the run's death.
const GRACE_MS = 2000;
const TEARDOWN_MS = 120_000;
const ROLLBACK_MS = 600_000;
const ELSEWHERE_MS = 30_000;
const groups = new Map<number, WatchedGroup>();
let teardown: TeardownCommand[] = [];

for await (const line of linesOf(process.stdin.setEncoding('utf8') as AsyncIterable<string>)) {
  const message = parsed(line);
  if (message === null) continue;
  if (message.type === 'done') process.exit(0);
  if (message.type === 'watch') groups.set(message.group.groupId, message.group);
  if (message.type === 'forget') groups.delete(message.groupId);
  if (message.type === 'teardown') teardown = message.commands;
}
await Promise.all(
  [...groups.values()].filter(isSameGroup).map(async ({ groupId, startTicks, onDeath, elsewhere }) => {
    // What a rollback leaves running (the old release itself) is no part of it.
    if (onDeath === 'wait') await endedWithin(groupId, startTicks, ROLLBACK_MS);
    else await Promise.all([endGroup(groupId, GRACE_MS), elsewhere === null ? null : endElsewhere(elsewhere)]);
  }),
);
for (const command of teardown) await run(command);

/** The last line of a run that was killed while it wrote may be torn. */
function parsed(line: string): WatchdogMessage | null {
  try {
    return JSON.parse(line) as WatchdogMessage;
  } catch {
    return null;
  }
}

/** A group whose leader's number was given to another process is not ours to end. */
function isSameGroup({ groupId, startTicks }: WatchedGroup): boolean {
  const stat = readStat(groupId);
  return stat === null || startTicks === null || stat.startTicks === startTicks;
}

function endElsewhere({ argv, input }: Elsewhere): Promise<void> {
  return run({ argv, input, cwd: '/', env: process.env as Record<string, string> }, ELSEWHERE_MS);
}

function run({ argv, cwd, env, input }: TeardownCommand, limitMs = TEARDOWN_MS): Promise<void> {
  return new Promise((resolve) => {
    const [file, ...args] = argv;
    const child = spawn(file as string, args, {
      cwd,
      env,
      stdio: [input === null ? 'ignore' : 'pipe', 'ignore', 'ignore'],
      detached: true,
    });
    child.stdin?.on('error', () => {});
    if (input !== null) child.stdin?.end(input);
    const timer = setTimeout(() => {
      if (child.pid !== undefined) void endGroup(child.pid, GRACE_MS).then(resolve);
    }, limitMs);
    const finish = (): void => {
      clearTimeout(timer);
      resolve();
    };
    child.on('exit', finish);
    child.on('error', finish);
  });
}
