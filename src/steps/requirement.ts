import type { Clock } from '../platform/clock.js';
import { type Command, startCommand } from '../platform/command.js';
import { type Ending, startRemoteCommand } from '../platform/remote-command.js';
import type { RemoteHost } from '../platform/ssh.js';
import { ask } from '../wire/ask.js';
import { endpointOf } from '../wire/endpoint.js';
import { attend, endOf, endText } from './attend.js';
import type { ReadinessCheck } from './step.js';

/** Something that must hold before anything is run. */
export type Requirement =
  | { kind: 'env'; name: string }
  | { kind: 'command'; run: string | string[]; host: RemoteHost | null; timeoutMs: number }
  | { kind: 'url'; check: ReadinessCheck };

export interface RequirementOptions {
  /** Where commands run here. */
  cwd: string;
  /** What commands here find, and what must have a value. */
  env: Record<string, string>;
  /** What commands on a host are given. */
  vars: Record<string, string>;
  userAgent: string;
  /** Time for an answer, ms. */
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
  clean(text: string): string;
  onLine(line: string): void;
  /** Told of the process group of a command while it runs, with what ends it on its host once that is known. */
  watch?(groupId: number, elsewhere?: Ending): void;
  forget?(groupId: number): void;
}

/** `env DATABASE_URL`, `command nginx -t`, `url http://...`: what is asked for, on one line. */
export function requirementText(requirement: Requirement): string {
  if (requirement.kind === 'env') return `env ${requirement.name}`;
  if (requirement.kind === 'url') return `url ${requirement.check.path}`;
  const { run, host } = requirement;
  const [first = '', ...more] = (typeof run === 'string' ? run.trim() : run.join(' ')).split('\n');
  return `command ${first}${more.length > 0 ? ' ...' : ''}${host === null ? '' : ` on ${host.name}`}`;
}

/** Why a requirement does not hold; null where it does. Rejects only when the signal aborts it. */
export async function checkRequirement(requirement: Requirement, options: RequirementOptions): Promise<string | null> {
  options.signal.throwIfAborted();
  if (requirement.kind === 'env') {
    const value = options.env[requirement.name];
    return value === undefined ? 'it is not set' : value === '' ? 'it is empty' : null;
  }
  return requirement.kind === 'url' ? await checkUrl(requirement.check, options) : await runIt(requirement, options);
}

async function checkUrl(check: ReadinessCheck, options: RequirementOptions): Promise<string | null> {
  const endpoint = check.endpoint ?? endpointOf(new URL(check.path).origin);
  const { outcome } = await ask(check, { ...options, endpoint, version: null });
  if (outcome.kind === 'ok') return null;
  const what = outcome.kind === 'blocked' ? `blocked by status ${outcome.status}` : outcome.cause;
  return outcome.detail === '' ? what : `${what} (${outcome.detail})`;
}

async function runIt(
  { run, host, timeoutMs }: Extract<Requirement, { kind: 'command' }>,
  options: RequirementOptions,
): Promise<string | null> {
  const { clock, signal, cwd, env, vars } = options;
  let last = '';
  const common = {
    run,
    now: () => clock.now(),
    clean: options.clean,
    onLine: ({ text }: { text: string }) => {
      if (text.trim() !== '') last = text.trim();
      options.onLine(text);
    },
  };
  const command: Command =
    host === null
      ? await startCommand({ ...common, cwd, env })
      : await startRemoteCommand({
          ...common,
          host,
          cwd: null,
          env: vars,
          onLost: 'end',
          onRunning: (ending) => {
            if (command.pid !== null) options.watch?.(command.pid, ending);
          },
        });
  if (command.pid !== null) options.watch?.(command.pid);
  const first = await attend(command, { clock, timeoutMs, signal });
  const end = await endOf(command, { clock, host });
  if (command.pid !== null) options.forget?.(command.pid);
  await command.close();
  signal.throwIfAborted();
  if (first === 'timeout') return `it was not done after ${timeoutMs / 1000} s`;
  if (end.startError !== null) return end.startError;
  if (typeof end.lost === 'string') return `the connection was lost: ${end.lost}`;
  const how = endText(end);
  return how === null ? null : `it ${how}${last === '' ? '' : `: ${last.slice(0, 300)}`}`;
}
