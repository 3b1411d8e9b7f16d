import { createLogFile } from './log-file.js';
import { createIdReader } from './log-ids.js';
import { createRemoteLog } from './log-remote.js';
import { createMatcher } from './matcher.js';
import { poll } from './poll.js';
import { createRemote } from './remote.js';
import { createSight } from './sight.js';
import type { Watcher } from './watcher.js';

const EVERY_MS = 50;
const REMOTE_EVERY_MS = 500;

/** Lines of a log that match a pattern, from the start of the run on, through rotation and truncation; requests it names. */
export const log: Watcher<'log'> = {
  name: 'log',
  async watch({ path, patterns, ids, on }, context) {
    const matcher = createMatcher(patterns, context);
    const requests = ids === undefined ? null : createIdReader(ids, context);
    const sight = createSight(context);
    const hear = {
      onLine: (text: string): void => {
        matcher.line(text);
        requests?.line(text);
      },
      onGap: (detail: string): void => requests?.gap(detail),
      now: () => context.clock.now(),
    };
    const flush = (): void => {
      matcher.flush();
      requests?.flush();
    };
    if (on !== null) {
      const remote = createRemote(on, context);
      const look = createRemoteLog(path, remote.run, sight, hear);
      await poll(context, REMOTE_EVERY_MS, async () => {
        await look();
        flush();
      }).finally(() => remote.close());
      requests?.flush(true);
      return;
    }
    const file = createLogFile(path, sight, hear);
    await poll(context, EVERY_MS, () => {
      file.look();
      flush();
    }).finally(() => {
      file.checkEnd();
      file.close();
    });
    requests?.flush(true);
  },
};
