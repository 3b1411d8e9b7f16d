import { type FSWatcher, readlinkSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { messageOf } from '../model/errors.js';
import { quoted } from '../platform/ssh.js';
import { poll } from './poll.js';
import { createRemote } from './remote.js';
import { createSight } from './sight.js';
import { createStates } from './states.js';
import type { WatchContext, Watcher } from './watcher.js';

/** Between two looks of its own; what the system reports is looked at when it does. */
const EVERY_MS = 100;
const REMOTE_EVERY_MS = 250;

/** Where a symbolic link points to: by the system's reports of changes in its folder, and by looking. */
export const link: Watcher<'link'> = {
  name: 'link',
  async watch({ path, on }, context) {
    const sight = createSight(context);
    const state = createStates(context);
    const see = (found: Found): string | null => {
      if ('problem' in found) {
        sight.blind(found.problem);
        return null;
      }
      sight.sees();
      state(path, found.target);
      return found.target;
    };
    if (on !== null) {
      const remote = createRemote(on, context);
      await poll(context, REMOTE_EVERY_MS, async () => {
        see(await readRemoteLink(path, remote.text));
      }).finally(() => remote.close());
      return;
    }
    const look = (): string | null => see(readLink(path));
    // It is back already: what was there before is what the watcher still has.
    const changes = watchChanges(path, context, look, (at) => state(path, null, at));
    await poll(context, EVERY_MS, () => {
      look();
      changes.renew();
    }).finally(() => changes.close());
  },
};

/** What the link points to; null where there is nothing at the path. */
type Found = { target: string | null } | { problem: string };

function readLink(path: string): Found {
  try {
    return { target: readlinkSync(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { target: null };
    return { problem: code === 'EINVAL' ? noLink(path) : messageOf(error) };
  }
}

async function readRemoteLink(path: string, text: (script: string) => Promise<string>): Promise<Found> {
  const name = quoted(path);
  try {
    const said = await text(
      `if [ -L ${name} ]; then printf 'link '; readlink -- ${name}; elif [ -e ${name} ]; then echo other; else echo none; fi`,
    );
    if (said.startsWith('link ')) return { target: said.slice(5).replace(/\n$/, '') };
    return said.startsWith('none') ? { target: null } : { problem: noLink(path) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function noLink(path: string): string {
  return `${path} is no symbolic link`;
}

/**
 * Looks whenever the system reports a change of the link, and finds out from the reports that it was away between two
 * looks: a link that is replaced in one move (`mv -T`, GNU `ln -sfn`) is reported right behind the name it had before; one
 * that is removed and made again is reported twice in a row.
 */
function watchChanges(
  path: string,
  { clock }: WatchContext,
  look: () => string | null,
  onAway: (at: number) => void,
): { renew(): void; close(): void } {
  const [folder, name] = [dirname(path), basename(path)];
  let watcher: FSWatcher | null = null;
  /** The target that the last report found, where that was one of the link itself. */
  let last: string | null = null;
  const hear = (type: string, changed: string | null): void => {
    if (type !== 'rename') return;
    const before = last;
    last = null;
    if (changed !== name) return;
    const at = clock.now();
    const target = look();
    if (target !== null && target === before) {
      onAway(at);
      look();
    } else last = target;
  };
  const close = (): void => {
    watcher?.close();
    watcher = null;
  };
  return {
    renew() {
      if (watcher !== null) return;
      try {
        watcher = watch(folder, { persistent: false }, hear);
        watcher.on('error', close);
      } catch {
        // No such folder yet, or no more watches to be had: looking is what remains.
      }
    },
    close,
  };
}
