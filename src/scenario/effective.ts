import {
  DEFAULT_BASELINE,
  DEFAULT_MAX_DURATION,
  DEFAULT_OUTPUT_DIR,
  DEFAULT_TIMEOUT,
  DEFAULT_WARMUP,
} from './build.js';
import type { Scenario } from './scenario.js';
import { DEFAULT_READY, DEFAULT_STEP_TIMEOUT_MS, kindOf } from './steps.js';
import { flowName } from './traffic.js';

type Mapping = Record<string, unknown>;

/**
 * The scenario as it will be run, in the form of a scenario file: every value put in, every default written out,
 * secrets by their names. `shown` is the checked scenario in its showable form. Loading the result gives the same
 * scenario again. Default thresholds are left out: as thresholds of the user they would mean more.
 */
export function effectiveScenario(shown: unknown, scenario: Omit<Scenario, 'effective'>): Mapping {
  const input = shown as Mapping;
  const target = input.target as Mapping;
  return {
    version: 1,
    name: input.name,
    ...some({ runbook: input.runbook, vars: input.vars }),
    target: {
      url: target.url,
      ...some({ headers: target.headers }),
      timeout: target.timeout ?? DEFAULT_TIMEOUT,
      ...some({ version: target.version }),
      allowWrites: scenario.target.allowWrites,
    },
    traffic: effectiveTraffic(input.traffic as Mapping, scenario.traffic),
    warmup: input.warmup ?? DEFAULT_WARMUP,
    baseline: input.baseline ?? DEFAULT_BASELINE,
    steps: (input.steps as Mapping[]).map((step) => effectiveStep(step, kindOf(step))),
    ...(scenario.rollback.length > 0 && input.rollback !== undefined
      ? { rollback: effectiveRollback(input.rollback) }
      : {}),
    rehearsal: scenario.rehearsal,
    ...some({ thresholds: input.thresholds }),
    maxDuration: input.maxDuration ?? DEFAULT_MAX_DURATION,
    outputs: { dir: (input.outputs as Mapping | undefined)?.dir ?? DEFAULT_OUTPUT_DIR },
  };
}

function effectiveTraffic(input: Mapping, traffic: Scenario['traffic']): Mapping {
  const percent = (share: number) => `${Number((share * 100).toPrecision(12))}%`;
  return {
    executor: 'constant-arrival-rate',
    rate: input.rate,
    arrival: 'even',
    connections: {
      keepalive: percent(traffic.keepaliveShare),
      fresh: percent(1 - traffic.keepaliveShare),
      pool: traffic.pool,
    },
    client: traffic.client,
    mix: (input.mix as Mapping[]).map((flow) => ({ name: flowName(flow), weight: 1, ...flow })),
    maxInFlight: traffic.maxInFlight,
  };
}

function effectiveRollback(input: unknown): Mapping[] {
  return (Array.isArray(input) ? input : [input]).map((step: Mapping) =>
    effectiveStep({ ...step, name: step.name ?? 'rollback' }, 'rollback'),
  );
}

function effectiveStep(step: Mapping, kind: string): Mapping {
  const { name, kind: _, run, timeout, ready, ...rest } = step;
  return {
    name: name ?? kind,
    kind,
    ...some({ run, timeout: timeout ?? (run === undefined ? undefined : `${DEFAULT_STEP_TIMEOUT_MS / 60_000}m`) }),
    ...rest,
    ...(ready === undefined ? {} : { ready: effectiveReady(ready) }),
  };
}

/** What is said once holds for all checks: it is written on the first. */
function effectiveReady(ready: unknown): unknown {
  const checks = (Array.isArray(ready) ? ready : [ready]) as Mapping[];
  const told = (key: string) => checks.find((check) => check[key] !== undefined)?.[key];
  const [first, ...others] = checks;
  const common = {
    consecutive: told('consecutive') ?? DEFAULT_READY.consecutive,
    within: told('within') ?? `${DEFAULT_READY.withinMs / 1000}s`,
    interval: told('interval') ?? `${DEFAULT_READY.intervalMs}ms`,
  };
  const complete = { ...first, ...common };
  return Array.isArray(ready) ? [complete, ...others] : complete;
}

/** The entries that have a value. */
function some(values: Mapping): Mapping {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
