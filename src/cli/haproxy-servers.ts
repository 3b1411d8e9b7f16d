import { ZddError } from '../model/errors.js';
import { formatMs } from '../model/units.js';
import type { Clock } from '../platform/clock.js';
import {
  askHaproxy,
  type HaproxyAddress,
  type HaproxyServer,
  haproxyServers,
  takesTraffic,
} from '../platform/haproxy.js';
import { didYouMean, oneOf } from '../scenario/suggest.js';

/** What an action on a server is given. */
export interface ServerAction {
  address: HaproxyAddress;
  /** `backend/server`. */
  server: string;
  withinMs: number;
  /** When that time is over, on the clock. */
  deadline: number;
  clock: Clock;
  say(line: string): void;
}

const POLL_MS = 100;
/** A session may be between two requests when it is looked at. */
const EMPTY_LOOKS = 2;

/** Takes a server out of rotation and waits until nothing is under way there. False where time ran out. */
export async function drain(action: ServerAction, anyway: boolean): Promise<boolean> {
  const before = await outOfRotation(action, anyway);
  // A server in maintenance takes less than a drained one: it stays there.
  if (stateOf(before) !== 'maint') await change(action, `set server ${action.server} state drain`);
  let empty = 0;
  let last = before;
  const done = await until(action, async () => {
    last = await find(action);
    empty = last.sessions + last.queued === 0 ? empty + 1 : 0;
    return empty >= EMPTY_LOOKS;
  });
  if (done) action.say(`${action.server} is drained: no request is under way there`);
  else {
    action.say(
      `${action.server} still has ${last.sessions} sessions and ${last.queued} waiting after ${formatMs(action.withinMs)}; it stays drained`,
    );
  }
  return done;
}

/** Puts a server into maintenance: no new request, no health check. What is under way there goes on. */
export async function maint(action: ServerAction, anyway: boolean): Promise<void> {
  await outOfRotation(action, anyway);
  await change(action, `set server ${action.server} state maint`);
  const { sessions } = await find(action);
  action.say(`${action.server} is in maintenance${sessions === 0 ? '' : `, with ${sessions} sessions under way`}`);
}

/**
 * Puts a server into rotation once its health check has passed. HAProxy takes a server that leaves maintenance for
 * healthy until its first check has failed: it would get requests before anyone knows whether it answers them. So it
 * goes through `drain`, in which it is checked and gets none. False where it is not up in time.
 */
export async function ready(action: ServerAction): Promise<boolean> {
  const { server, say } = action;
  const before = await find(action);
  if (!(await healthyBeforeTraffic(action, before))) {
    const { status, check } = await find(action);
    say(
      `${server} did not pass its health check within ${formatMs(action.withinMs)} (${status}, ${check}); it stays drained`,
    );
    return false;
  }
  await change(action, `set server ${server} state ready`);
  let last = before;
  const up = await until(action, async () => {
    last = await find(action);
    return takesTraffic(last);
  });
  if (up) say(`${server} is up and takes traffic: ${await shareOf(action)}`);
  else if (last.weight === 0) say(`${server} is ready, but its weight is 0: it takes no traffic`);
  else say(`${server} is not up after ${formatMs(action.withinMs)} (${last.status}, ${last.check})`);
  return up;
}

/** Changes a server's weight: a number of 0 to 256, or a share of the weight in the configuration (`50%`). */
export async function weight(action: ServerAction, wanted: string): Promise<void> {
  const { server } = action;
  await find(action);
  const [, number = '', percent = ''] = /^(\d{1,3})(%?)$/.exec(wanted) ?? [];
  if (number === '' || Number(number) > (percent === '' ? 256 : 100)) {
    throw new ZddError('USAGE', `a weight is a number of 0 to 256 or a share of 0% to 100%, not \`${wanted}\``);
  }
  if (percent !== '') await checkShare(action, Number(number));
  await change(action, `set server ${server} weight ${wanted}`);
  action.say(`${server} has weight ${(await find(action)).weight}: ${await shareOf(action)}`);
}

/** In a word: up, down, drain or maint. */
export function stateOf({ status }: Pick<HaproxyServer, 'status'>): 'up' | 'down' | 'drain' | 'maint' {
  if (status.startsWith('MAINT')) return 'maint';
  if (status.startsWith('DRAIN') || status.startsWith('NOLB')) return 'drain';
  return /^(?:UP|no check)/.test(status) ? 'up' : 'down';
}

/**
 * The server with the name `backend/server`.
 * @throws ZddError USAGE where there is none, with the nearest name
 */
export function serverNamed(servers: readonly HaproxyServer[], name: string): HaproxyServer {
  const names = servers.map((each) => `${each.backend}/${each.name}`);
  const found = servers[names.indexOf(name)];
  if (found !== undefined) return found;
  const backends = [...new Set(servers.map(({ backend }) => backend))];
  const [backend = ''] = name.split('/');
  if (backends.includes(backend)) {
    const own = servers.filter((each) => each.backend === backend).map((each) => each.name);
    const meant = didYouMean(name.slice(backend.length + 1), own);
    throw new ZddError(
      'USAGE',
      `the backend \`${backend}\` has no server \`${name.slice(backend.length + 1)}\`${meant}`,
      {
        hint: `its servers are ${oneOf(own)}; they are named BACKEND/SERVER`,
      },
    );
  }
  const meant = didYouMean(name, names) || didYouMean(backend, backends);
  throw new ZddError('USAGE', `there is no server \`${name}\`${meant}`, {
    hint: names.length === 0 ? 'HAProxy has no servers' : `servers are ${oneOf(names.slice(0, 20))}`,
  });
}

/** The servers of a backend; of all of them without a name. */
export function serversOf(servers: readonly HaproxyServer[], backend: string | undefined): HaproxyServer[] {
  const found = servers.filter((each) => backend === undefined || each.backend === backend);
  if (found.length > 0 || backend === undefined) return found;
  const backends = [...new Set(servers.map((each) => each.backend))];
  throw new ZddError('USAGE', `there is no backend \`${backend}\` with servers${didYouMean(backend, backends)}`, {
    hint: `${backends.length === 0 ? 'HAProxy has none' : `backends are ${oneOf(backends)}`}; a command of HAProxy's own stands in quotes: \`-- "show ${backend}"\``,
  });
}

async function find({ address, server }: ServerAction): Promise<HaproxyServer> {
  return serverNamed(await haproxyServers(address), server);
}

/** HAProxy answers nothing where it did as it was told. */
async function change({ address }: ServerAction, command: string): Promise<void> {
  const answer = await askHaproxy(address, command);
  if (answer !== '') throw new ZddError('HAPROXY_REFUSED', `HAProxy refused \`${command}\`: ${answer.split('\n')[0]}`);
}

/** The server that is to leave rotation. Without its last one a backend answers 503. */
async function outOfRotation({ address, server }: ServerAction, anyway: boolean): Promise<HaproxyServer> {
  const servers = await haproxyServers(address);
  const leaving = serverNamed(servers, server);
  const isLast = !servers.some((each) => each.backend === leaving.backend && each !== leaving && takesTraffic(each));
  if (anyway || !isLast || !takesTraffic(leaving)) return leaving;
  throw new ZddError(
    'HAPROXY_REFUSED',
    `${server} is the last server of ${leaving.backend} that takes traffic: every request would get 503`,
    { hint: 'bring another one up first (`ready`), or insist with --anyway' },
  );
}

/** Checked, and without traffic until it has passed. */
async function healthyBeforeTraffic(action: ServerAction, before: HaproxyServer): Promise<boolean> {
  const { server } = action;
  const state = stateOf(before);
  if (state === 'up') return true;
  // Out of maintenance its health is not full, and only a check that passes makes it so. Not under requests: a server
  // that is marked down may be configured to lose them.
  const renew = state === 'maint' || (state === 'drain' && before.sessions === 0);
  if (renew) await change(action, `set server ${server} state maint`);
  await change(action, `set server ${server} state drain`);
  // In maintenance it does not tell whether it is checked.
  const { fall } = await find(action);
  if (fall === null) {
    action.say(`HAProxy does not check ${server}: it is taken for healthy`);
    return true;
  }
  // Where one failed check marks it down, it would begin with full health.
  if (renew && fall === 1) await change(action, `set server ${server} health down`);
  return until(action, async () => (await find(action)).status === 'DRAIN');
}

async function checkShare({ address, server }: ServerAction, percent: number): Promise<void> {
  const answer = await askHaproxy(address, `get weight ${server}`);
  const initial = Number(/\(initial (\d+)\)/.exec(answer)?.[1] ?? Number.NaN);
  if (percent === 0 || Number.isNaN(initial) || Math.floor((initial * percent) / 100) > 0) return;
  throw new ZddError(
    'HAPROXY_REFUSED',
    `${percent}% of the configured weight of ${server}, ${initial}, is 0: it would take no traffic at all`,
    { hint: 'give the servers `weight 100` in the configuration, or name a number (`weight 10`)' },
  );
}

/** `10 of 110 (9.1 % of new requests)`. */
async function shareOf({ address, server }: ServerAction): Promise<string> {
  const servers = await haproxyServers(address);
  const own = serverNamed(servers, server);
  const all = servers.filter((each) => each.backend === own.backend && takesTraffic(each) && !each.backup);
  const sum = all.reduce((total, each) => total + each.weight, 0);
  const part = takesTraffic(own) ? own.weight : 0;
  return sum === 0
    ? 'no server takes traffic'
    : `${part} of ${sum} (${((part / sum) * 100).toFixed(1)} % of new requests)`;
}

async function until({ clock, deadline }: ServerAction, done: () => Promise<boolean>): Promise<boolean> {
  for (;;) {
    if (await done()) return true;
    if (clock.now() >= deadline) return false;
    await clock.sleep(POLL_MS);
  }
}
