import type { PlatformAct } from '../model/watch.js';
import { type Json, text } from '../platform/docker-json.js';
import type { WatchContext } from './watcher.js';

/** What Swarm writes where `docker service rollback` was called. */
const ON_REQUEST = 'manually requested rollback';

/**
 * Tells when Swarm rolls a service back or leaves an update halfway (`paused`), and whether it was asked to. What was
 * over before the first look is not told again.
 */
export function createRollbacks(subject: string, { record }: Pick<WatchContext, 'record'>) {
  let seen: string | null = null;
  /** Image of the update under way, and whether the rollback under way was asked for. */
  let image = '';
  let from: string | null = null;
  let byItself: boolean | null = null;

  return (update: Json, now: string): void => {
    const [said, message] = [text(update.State, 40), text(update.Message, 300)];
    const key = `${said} ${text(update.StartedAt, 40)}`;
    const before = image;
    image = now;
    if (seen === null) {
      // A rollback that is under way at the first look: how it began is known all the same.
      if (said === 'rollback_started') byItself = message === '' ? null : message !== ON_REQUEST;
      seen = key;
      return;
    }
    if (seen === key) return;
    const wasRollingBack = seen.startsWith('rollback_started');
    seen = key;
    const act = ACTS[said];
    if (act === undefined) return;
    if (act === 'rollback-started') {
      byItself = message === '' ? null : message !== ON_REQUEST;
      from = before === now || before === '' ? null : before;
    } else if (said === 'paused') {
      // Nobody can ask for a pause: it is what Swarm does where tasks fail.
      [byItself, from] = [true, null];
    } else if (said === 'rollback_paused') byItself = true;
    else if (!wasRollingBack) [byItself, from] = [null, before === now || before === '' ? null : before];
    const to = now === '' ? null : now;
    record({ what: 'platform', platform: 'swarm', subject, act, byItself, from, to, message });
  };
}

const ACTS: Readonly<Partial<Record<string, PlatformAct['act']>>> = {
  rollback_started: 'rollback-started',
  rollback_completed: 'rollback-completed',
  paused: 'gave-up',
  rollback_paused: 'gave-up',
};
