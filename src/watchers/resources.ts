import { messageOf } from '../model/errors.js';
import { type CpuTimes, cpuTimes, diskShare, memoryShare, oomKills } from '../platform/resources.js';
import type { WatchPlanOf } from './plan.js';
import { poll } from './poll.js';
import { createSight } from './sight.js';
import type { WatchContext, Watcher } from './watcher.js';

const EVERY_MS = 1000;

/** Shares of this machine's resources in use, and processes killed for want of memory. */
export const resources: Watcher<'resources'> = {
  name: 'resources',
  async watch(plan, context) {
    const sight = createSight(context);
    const readers = plan.what.map((what) => READERS[what](plan, context));
    await poll(context, EVERY_MS, () => {
      try {
        for (const read of readers) read();
        sight.sees();
      } catch (error) {
        sight.blind(messageOf(error));
      }
    });
  },
};

type Plan = WatchPlanOf<'resources'>;

const READERS: Record<Plan['what'][number], (plan: Plan, context: WatchContext) => () => void> = {
  cpu: (_, { record }) => {
    let before: CpuTimes | null = null;
    return () => {
      const now = cpuTimes();
      const passed = now.all - (before?.all ?? now.all);
      const value = passed === 0 ? null : (now.busy - (before?.busy ?? 0)) / passed;
      before = now;
      if (value !== null) record({ what: 'value', subject: 'cpu', value: rounded(value), unit: 'share' });
    };
  },
  memory: (_, { record }) => {
    return () => record({ what: 'value', subject: 'memory', value: rounded(memoryShare()), unit: 'share' });
  },
  disk: ({ disk }, { record }) => {
    return () => record({ what: 'value', subject: 'disk', value: rounded(diskShare(disk)), unit: 'share' });
  },
  oom: (_, { record }) => {
    let before: number | null = null;
    return () => {
      const kills = oomKills();
      const more = kills - (before ?? kills);
      before = kills;
      const detail = `the kernel killed ${more === 1 ? 'a process' : `${more} processes`} of this machine for want of memory`;
      if (more > 0) record({ what: 'incident', subject: 'oom', detail });
    };
  },
};

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
