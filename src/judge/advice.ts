import type { Advice, MeasuredAdvice, MeasuredTime, MeasuredTimes } from '../model/advice.js';
import type { Run } from '../model/run.js';
import { stallLimitMs } from '../model/threshold.js';
import { formatMs } from '../model/units.js';
import { type System, systemsOf } from './causes/systems.js';
import type { Measure } from './measure.js';
import { measuredTimes } from './measured-times.js';

/** Room over the longest of what was seen: there are longer ones than a run meets. */
const ROOM = 1.5;
/** A boot varies more than a request: caches, other work on the machine. */
const BOOT_ROOM = 2;
/** Whoever is in front closes an idle connection in this share of the time. */
const SOONER = 0.8;
const LOAD_BALANCER = /\b(?:deregister\w*|target[-_ ]?groups?|elbv?2?|alb|nlb|load[-_ ]?balancers?)\b/i;

/**
 * Settings that follow from what the run measured, for the systems that are in use; nothing about what was not measured.
 * A default that is enough is left as it is: the longest request of a run is not the longest there is.
 */
export function adviceOf(m: Measure): MeasuredAdvice {
  const times = measuredTimes(m);
  const uses = systemsOf(m.run);
  const advice = [
    ...ending(times, uses),
    ...booting(times, uses),
    ...removing(times, uses, m.run),
    ...idling(times, uses),
    ...locking(times, uses, m.run),
  ];
  return { times, advice };
}

interface Ending {
  uses: System;
  setting: string;
  unit: Advice['unit'];
  /** Null: it waits for as long as it takes. */
  default: number | null;
  line(value: number): string;
}

/** How long each system lets requests under way finish, with its default. */
const ENDINGS: readonly Ending[] = [
  {
    ...{ uses: 'gunicorn', setting: 'graceful_timeout', unit: 's', default: 30 },
    line: (value) => `graceful_timeout = ${value}`,
  },
  {
    ...{ uses: 'uvicorn', setting: '--timeout-graceful-shutdown', unit: 's', default: null },
    line: (value) => `--timeout-graceful-shutdown ${value}`,
  },
  {
    ...{ uses: 'pm2', setting: 'kill_timeout', unit: 'ms', default: 1600 },
    line: (value) => `kill_timeout: ${value},`,
  },
  {
    ...{ uses: 'systemd', setting: 'TimeoutStopSec', unit: 's', default: 90 },
    line: (value) => `TimeoutStopSec=${value}`,
  },
  {
    ...{ uses: 'docker', setting: 'stop_grace_period', unit: 's', default: 10 },
    line: (value) => `stop_grace_period: ${value}s`,
  },
  {
    ...{ uses: 'haproxy', setting: 'hard-stop-after', unit: 's', default: null },
    line: (value) => `hard-stop-after ${value}s`,
  },
];

function ending({ longestRequest }: MeasuredTimes, uses: ReadonlySet<System>): Advice[] {
  if (longestRequest === null) return [];
  return ENDINGS.filter((each) => uses.has(each.uses)).map((each): Advice => {
    const { value, formula } = atLeast(longestRequest, ROOM, each.unit);
    return {
      ...{ system: each.uses, setting: each.setting, unit: each.unit },
      ...overDefault(value, formula, each.unit, each.default),
      line: each.line(Math.max(value, each.default ?? 0)),
      measured: [`longest request: ${longestRequest.from}, ${formatMs(longestRequest.ms)}`],
    };
  });
}

function booting({ boot }: MeasuredTimes, uses: ReadonlySet<System>): Advice[] {
  if (boot === null || !uses.has('pm2')) return [];
  const { value, formula } = atLeast(boot, BOOT_ROOM, 'ms');
  const over = overDefault(value, formula, 'ms', 3000);
  const note = [over.note, 'With `wait_ready: true`, and `process.send("ready")` once the app answers.'];
  return [
    {
      ...{ system: 'pm2', setting: 'listen_timeout', unit: 'ms', ...over, note: note.filter(Boolean).join(' ') },
      line: `listen_timeout: ${over.value},`,
      measured: [`boot: ${boot.from}, ${formatMs(boot.ms)}`],
    },
  ];
}

/** From the switch on until nothing comes to the old release any more, and then until the last request is done. */
function removing({ oldAnswers, longestRequest }: MeasuredTimes, uses: ReadonlySet<System>, run: Run): Advice[] {
  const advice: Advice[] = [];
  const tail = oldAnswers === null ? null : { ...atLeast(oldAnswers, ROOM, 's'), measured: tailText(oldAnswers) };
  const longest =
    longestRequest === null
      ? null
      : {
          ...atLeast(longestRequest, ROOM, 's'),
          measured: `longest request: ${longestRequest.from}, ${formatMs(longestRequest.ms)}`,
        };
  if (uses.has('kubernetes') && tail !== null)
    advice.push({
      ...{ system: 'kubernetes', setting: 'lifecycle.preStop', unit: 's', value: tail.value, formula: tail.formula },
      line: `lifecycle: { preStop: { sleep: { seconds: ${tail.value} } } }`,
      ...{ measured: [tail.measured], note: 'Kubernetes 1.30 and later; before, `exec: { command: [sleep, ...] }`.' },
    });
  if (uses.has('kubernetes') && tail !== null && longest !== null) {
    const formula = `preStop ${tail.value} s + ${longest.formula}`;
    const over = overDefault(tail.value + longest.value, formula, 's', 30);
    advice.push({
      ...{ system: 'kubernetes', setting: 'terminationGracePeriodSeconds', unit: 's', ...over },
      line: `terminationGracePeriodSeconds: ${over.value}`,
      measured: [tail.measured, longest.measured],
    });
  }
  if (longest !== null && hasLoadBalancer(run)) {
    const value = Math.max(longest.value, tail?.value ?? 0);
    advice.push({
      ...{ system: 'load balancer', setting: 'deregistration delay', unit: 's', value },
      formula: tail === null ? longest.formula : `the larger of ${longest.formula} and ${tail.formula}`,
      line: `deregistration_delay.timeout_seconds=${value}`,
      measured: [longest.measured, ...(tail === null ? [] : [tail.measured])],
      note: 'The old instances have to live for longer than that.',
    });
  }
  return advice;
}

function hasLoadBalancer({ header, phases }: Run): boolean {
  return LOAD_BALANCER.test([header.scenario.name, ...phases.map(({ command }) => command ?? '')].join('\n'));
}

function tailText({ from }: MeasuredTime): string {
  return `drain: ${from}`;
}

function idling({ idleAtReset, ownIdleTimeout }: MeasuredTimes, uses: ReadonlySet<System>): Advice[] {
  const advice: Advice[] = [];
  if (idleAtReset !== null && uses.has('nginx')) {
    const value = ceil(idleAtReset.ms / 1000);
    advice.push({
      ...{
        system: 'nginx',
        setting: 'keepalive_min_timeout',
        unit: 's',
        value,
        line: `keepalive_min_timeout ${value}s;`,
      },
      formula: `ceil(${formatMs(idleAtReset.ms)}), the oldest that was closed`,
      measured: [idleAtReset.from],
      note: 'nginx 1.27.4 and later: a worker that ends keeps idle connections for that long, and announces the end on the next answer.',
    });
  }
  if (ownIdleTimeout !== null && ownIdleTimeout.ms >= 2000) {
    const value = Math.floor((SOONER * ownIdleTimeout.ms) / 1000 + 1e-9);
    advice.push({
      ...{ system: 'in front of the target', setting: 'idle timeout of connections to it', unit: 's', value },
      line: `keepalive_timeout ${value}s;`,
      formula: `floor(${SOONER} x ${formatMs(ownIdleTimeout.ms)})`,
      measured: [`idle timeout of the target: ${ownIdleTimeout.from}`],
      note: `In the \`upstream\` of an nginx in front (of others: the idle timeout of their pool), so that it closes before the target does. Or raise the target's own over that of whatever is in front${uses.has('node') ? ': `server.keepAliveTimeout` of Node' : ''}.`,
    });
  }
  return advice;
}

/** A statement that waits for a lock holds up all that come after it: it has to give up before users notice. */
function locking({ migrationStall }: MeasuredTimes, uses: ReadonlySet<System>, { header }: Run): Advice[] {
  if (migrationStall === null || !uses.has('postgres')) return [];
  const limit = stallLimitMs(header.thresholds);
  const value = Math.floor(limit / 2);
  return [
    {
      ...{ system: 'postgres', setting: 'lock_timeout', unit: 'ms', value, line: `SET lock_timeout = '${value}ms';` },
      formula: `half of the stall limit, ${formatMs(limit)}`,
      measured: [migrationStall.from],
      note: 'In the session of the migration, which then has to be tried again. It helps where the time was spent in waiting for a lock, not in holding one.',
    },
  ];
}

function atLeast({ ms }: MeasuredTime, room: number, unit: Advice['unit']): { value: number; formula: string } {
  const value = unit === 's' ? Math.max(1, ceil((room * ms) / 1000)) : Math.max(100, 100 * ceil((room * ms) / 100));
  const formula = `ceil(${room} x ${formatMs(ms)})`;
  return { value, formula: unit === 'ms' ? `${formula} to 100 ms` : formula };
}

/** A default that is enough stays. */
function overDefault(
  value: number,
  formula: string,
  unit: Advice['unit'],
  known: number | null,
): Pick<Advice, 'value' | 'formula' | 'note'> {
  if (known === null) return { value, formula, note: 'Without it there is no limit.' };
  if (value > known) return { value, formula, note: `The default of ${known} ${unit} is too short.` };
  return {
    value: known,
    formula: `the larger of the default, ${known} ${unit}, and ${formula}`,
    note: `The default is enough; nothing under ${value} ${unit} would be.`,
  };
}

/** Rounding of a sum must not add a whole unit. */
function ceil(value: number): number {
  return Math.ceil(value - 1e-9);
}
