import { messageOf } from '../model/errors.js';
import { poll } from './poll.js';
import { createLocalCensus } from './processes-local.js';
import { createRemoteCensus } from './processes-remote.js';
import { createRemote } from './remote.js';
import { createRoll } from './roll.js';
import { createSight } from './sight.js';
import type { Watcher } from './watcher.js';

const EVERY_MS = 50;
const REMOTE_EVERY_MS = 500;
/** Part of the thread's time that looking may take: a tree of hundreds of processes is looked at less often. */
const SHARE = 0.02;
const SLOWEST_EVERY_MS = 500;
/** A look may be slow for want of a core: the quickest of the last ones says what it costs. */
const LOOKS = 5;

/** Which processes live, by a pidfile or their command lines, with all that descend from them. */
export const processes: Watcher<'processes'> = {
  name: 'processes',
  async watch(plan, context) {
    const { clock, stopping } = context;
    const sight = createSight(context);
    if (plan.on !== null) {
      const remote = createRemote(plan.on, context);
      const roll = createRoll(context);
      const census = createRemoteCensus(plan, remote.text, clock);
      await poll(context, REMOTE_EVERY_MS, async () => {
        const from = clock.now();
        try {
          const { members, bootAt } = await census(sight);
          roll(members, bootAt, from);
        } catch (error) {
          sight.blind(messageOf(error));
        }
      }).finally(() => remote.close());
      return;
    }
    const census = createLocalCensus(plan, clock);
    if ('problem' in census) {
      sight.blind(census.problem);
      return;
    }
    const roll = createRoll(context);
    const took: number[] = [];
    let nextAt = 0;
    await poll(context, EVERY_MS, () => {
      const from = clock.now();
      if (from < nextAt && !stopping.aborted) return;
      const members = census.take(sight);
      roll(members, census.bootAt, from);
      took.push(clock.now() - from);
      const costMs = Math.min(...took.slice(-LOOKS));
      nextAt = from + Math.min(SLOWEST_EVERY_MS, costMs / SHARE) - EVERY_MS / 2;
    });
  },
};
