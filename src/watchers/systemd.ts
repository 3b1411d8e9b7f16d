import { messageOf } from '../model/errors.js';
import { quoted } from '../platform/ssh.js';
import { poll } from './poll.js';
import { createRemote } from './remote.js';
import { createSight } from './sight.js';
import { createStates } from './states.js';
import type { WatchContext, Watcher } from './watcher.js';

const EVERY_MS = 500;
const PROPERTIES = ['Id', 'Names', 'LoadState', 'ActiveState', 'SubState', 'MainPID', 'NRestarts', 'Result'];

/** The state, main process and restarts of systemd units. */
export const systemd: Watcher<'systemd'> = {
  name: 'systemd',
  async watch({ units, on }, context) {
    const sight = createSight(context);
    const see = createReport(context);
    const remote = createRemote(on, context);
    const names = units.map(quoted).join(' ');
    try {
      await poll(context, EVERY_MS, async () => {
        try {
          const text = await remote.text(
            `systemctl show --no-pager --property=${PROPERTIES.join(',')} -- ${names} 2>&1`,
          );
          const shown = parseUnits(text);
          if (shown.length === 0) throw new Error('systemctl says nothing of these units');
          for (const unit of units) see(unit, shown.find((each) => isCalled(each, unit)) ?? {});
          sight.sees();
        } catch (error) {
          sight.blind(messageOf(error));
        }
      });
    } finally {
      remote.close();
    }
  },
};

type Unit = Partial<Record<string, string>>;

function createReport({ record }: WatchContext) {
  const state = createStates({ record });
  const restarts = new Map<string, number>();
  return (name: string, unit: Unit): void => {
    const isThere = unit.LoadState !== undefined && unit.LoadState !== 'not-found';
    state(name, isThere ? `${unit.ActiveState}/${unit.SubState}` : null);
    const pid = Number(unit.MainPID ?? 0);
    state(`${name} main process`, pid > 0 ? String(pid) : null);
    const count = Number(unit.NRestarts ?? 0);
    const before = restarts.get(name) ?? count;
    restarts.set(name, count);
    // A unit that is started by hand begins to count at 0.
    if (count > before)
      record({
        what: 'incident',
        subject: name,
        detail: `systemd started it again (result: ${unit.Result ?? 'unknown'})`,
      });
  };
}

/** `Key=value` lines, units separated by an empty line. */
export function parseUnits(text: string): Unit[] {
  return text
    .split(/\n\s*\n/)
    .map((block) =>
      Object.fromEntries([...block.matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, key, value]) => [key, value])),
    )
    .filter((unit) => unit.Id !== undefined);
}

/** `nginx` is short for `nginx.service`, as for systemctl. */
function isCalled({ Id = '', Names = '' }: Unit, name: string): boolean {
  const full = name.includes('.') ? name : `${name}.service`;
  return Id === full || Names.split(' ').includes(full);
}
