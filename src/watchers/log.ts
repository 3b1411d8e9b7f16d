import { createLogFile } from './log-file.js';
import { createRemoteLog } from './log-remote.js';
import { createMatcher } from './matcher.js';
import { poll } from './poll.js';
import { createRemote } from './remote.js';
import { createSight } from './sight.js';
import type { Watcher } from './watcher.js';

const EVERY_MS = 50;
const REMOTE_EVERY_MS = 500;

/** Lines of a log that match a pattern, from the start of the run on, through rotation and truncation. */
export const log: Watcher<'log'> = {
  name: 'log',
  async watch({ path, patterns, on }, context) {
    const matcher = createMatcher(patterns, context);
    const sight = createSight(context);
    if (on !== null) {
      const remote = createRemote(on, context);
      const look = createRemoteLog(path, remote.run, sight, matcher.line);
      await poll(context, REMOTE_EVERY_MS, async () => {
        await look();
        matcher.flush();
      }).finally(() => remote.close());
      return;
    }
    const file = createLogFile(path, sight, matcher.line, () => context.clock.now());
    await poll(context, EVERY_MS, () => {
      file.look();
      matcher.flush();
    }).finally(() => file.close());
  },
};
