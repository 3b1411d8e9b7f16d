import { messageOf } from '../model/errors.js';
import { askHaproxy, type HaproxyAddress, haproxyAddress } from '../platform/haproxy.js';
import type { WatchPlanOf } from './plan.js';
import { poll } from './poll.js';
import { createSight } from './sight.js';
import { createStates } from './states.js';
import type { WatchContext, Watcher } from './watcher.js';

const EVERY_MS = 500;

/** States and weights of HAProxy's servers, and how often it had to try again: from its runtime API. */
export const haproxy: Watcher<'haproxy'> = {
  name: 'haproxy',
  async watch(plan, context) {
    const sight = createSight(context);
    const see = createReport(plan, context);
    const address = haproxyAddress(plan.socket) as HaproxyAddress;
    await poll(context, EVERY_MS, async () => {
      try {
        see(await askHaproxy(address, 'show info; show stat'));
        sight.sees();
      } catch (error) {
        sight.blind(messageOf(error));
      }
    });
  },
};

/** Counters of a backend that tell of requests that went wrong behind it, by what the table calls them. */
const COUNTERS: Record<string, readonly string[]> = {
  retries: ['wretr', 'wredis'],
  '5xx': ['hrsp_5xx'],
  'connection errors': ['econ'],
  'response errors': ['eresp'],
};

function createReport({ backends }: WatchPlanOf<'haproxy'>, { record, clock }: WatchContext) {
  const state = createStates({ record });
  let process: string | null = null;
  let valuesAt = Number.NEGATIVE_INFINITY;

  const seeProcess = (answer: string): void => {
    const found = /^Pid: (\d+)$/m.exec(answer)?.[1] ?? null;
    if (found === null) return;
    const detail = `process ${found} answers in the place of ${process}: HAProxy was reloaded or restarted`;
    if (process !== null && found !== process) record({ what: 'incident', subject: 'process', detail });
    process = found;
  };

  return (answer: string): void => {
    seeProcess(answer);
    const rows = parseTable(answer).filter(({ pxname = '' }) => backends.length === 0 || backends.includes(pxname));
    // A second table in less than a second says nothing new of its counters.
    const withValues = clock.now() - valuesAt >= 2 * EVERY_MS - EVERY_MS / 2;
    if (withValues) valuesAt = clock.now();
    for (const row of rows) {
      const { pxname = '', svname = '', status = '' } = row;
      if (svname === 'FRONTEND') continue;
      const isBackend = svname === 'BACKEND';
      if (!isBackend) {
        // `UP 1/3`: on its way down, by its checks.
        state(`${pxname}/${svname}`, status.replace(/ *\d+\/\d+$/, ''));
        state(`${pxname}/${svname} weight`, row.weight ?? null);
      }
      if (!withValues) continue;
      if (!isBackend) {
        record({ what: 'value', subject: `${pxname}/${svname} sessions`, value: Number(row.scur), unit: 'count' });
        continue;
      }
      for (const [name, columns] of Object.entries(COUNTERS)) {
        const value = columns.reduce((sum, column) => sum + Number(row[column] || 0), 0);
        record({ what: 'value', subject: `${pxname} ${name}`, value, unit: 'count' });
      }
    }
  };
}

/** The rows of `show stat`, by the names of its columns. */
function parseTable(answer: string): Record<string, string>[] {
  const lines = answer.split('\n');
  const head = lines.findIndex((line) => line.startsWith('# pxname,'));
  if (head === -1) throw new Error('HAProxy gave no table of its servers: is the socket one of its runtime API?');
  const columns = (lines[head] as string).slice(2).split(',');
  return lines
    .slice(head + 1)
    .filter((line) => line.includes(','))
    .map((line) => {
      const cells = line.split(',');
      return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
    });
}
