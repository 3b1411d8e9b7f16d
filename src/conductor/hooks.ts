import { isAbsolute, resolve } from 'node:path';
import type { HookEvent, HookEventName } from '../model/release.js';
import { startCommand } from '../platform/command.js';
import { attend, endOf, endText } from '../steps/attend.js';
import type { Hook } from '../steps/hook.js';
import type { RunContext } from './context.js';

/** What hooks are told of the run, beside its directory. */
export interface Told {
  events: readonly HookEventName[];
  /** `ZDD_VERDICT` and so on. */
  env: Record<string, string>;
}

/** A log keeps this much of what a hook writes. */
const LOG_CHARS = 1024 * 1024;

/**
 * Runs the hooks of what has happened, in the scenario's order, one after the other, each within its time. What becomes
 * of them changes nothing of what was found; it is said.
 */
export async function runHooks(context: RunContext, told: Told): Promise<Omit<HookEvent, 'type'>[]> {
  const results: Omit<HookEvent, 'type'>[] = [];
  for (const hook of context.scenario.hooks) {
    if (!told.events.includes(hook.event)) continue;
    context.onProgress(`hook on ${hook.event}`);
    results.push(await runHook(context, hook, told));
  }
  return results;
}

async function runHook(context: RunContext, hook: Hook, told: Told): Promise<Omit<HookEvent, 'type'>> {
  const { clock, scenario, dir, recorder, watchdog } = context;
  const { event, run, cwd, timeoutMs } = hook;
  const log = await recorder.stepLog(`on-${event}`);
  const at = clock.now();
  let chars = 0;
  const command = await startCommand({
    run,
    cwd: cwd === null ? scenario.dir : isAbsolute(cwd) ? cwd : resolve(scenario.dir, cwd),
    env: { ...context.environment, ...scenario.vars, ...hook.env, ...told.env, ZDD_RUN: dir, ZDD_EVENT: event },
    now: () => clock.now(),
    clean: context.redact,
    onLine: ({ at, text }) => {
      chars += text.length;
      if (chars <= LOG_CHARS) log.line(at, text);
    },
  });
  if (command.pid !== null) watchdog.watch(command.pid, 'end');
  const first = await attend(command, { clock, timeoutMs, signal: new AbortController().signal });
  const end = await endOf(command, { clock, host: null });
  if (command.pid !== null) watchdog.forget(command.pid);
  await command.close();
  const problem = first === 'timeout' ? `was not done after ${timeoutMs / 1000} s` : (end.startError ?? endText(end));
  if (problem !== null) log.line(clock.now(), `zdd-verify: ${problem}`);
  await log.close();
  const text = typeof run === 'string' ? run : run.join(' ');
  return { at, event, command: context.redact(text), exitCode: end.exitCode, ms: clock.now() - at, problem };
}
