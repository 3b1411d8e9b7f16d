import type { ProbeName } from '../model/probe.js';
import { DEFAULT_BASELINE, DEFAULT_MAX_DURATION, DEFAULT_OUTPUT_DIR, DEFAULT_WARMUP } from './build.js';
import { escapeDynamic } from './dynamic.js';
import { DEFAULT_HOOK_TIMEOUT } from './hooks.js';
import { DEFAULT_PROBES } from './probes.js';
import { DEFAULT_READY } from './readiness.js';
import type { Scenario } from './scenario.js';
import { DEFAULT_STEP_TIMEOUT_MS, kindOf } from './steps.js';
import { DEFAULT_TIMEOUT } from './targets.js';
import { escapeTemplate } from './template.js';
import { flowName } from './traffic.js';
import { DEFAULT_WAIT } from './wait.js';

type Mapping = Record<string, unknown>;

/**
 * The scenario as it will be run, in the form of a scenario file: every value put in, every default written out,
 * secrets by their names. `shown` is the checked scenario in its showable form. Loading the result gives the same
 * scenario again. Default thresholds are left out: as thresholds of the user they would mean more.
 */
export function effectiveScenario(shown: unknown, scenario: Omit<Scenario, 'effective'>): Mapping {
  const input = shown as Mapping;
  return {
    version: 1,
    name: input.name,
    ...some({ runbook: input.runbook, release: input.release, vars: input.vars }),
    ...some({ require: effectiveRequire(input.require), hosts: input.hosts }),
    ...effectiveTargets(input),
    traffic: effectiveTraffic(input.traffic as Mapping, scenario.traffic),
    ...(scenario.probes === null ? {} : { probes: effectiveProbes(input.probes as Mapping) }),
    ...some({ watch: effectiveWatch(input.watch as Mapping[] | undefined, scenario.watch) }),
    warmup: input.warmup ?? DEFAULT_WARMUP,
    baseline: input.baseline ?? DEFAULT_BASELINE,
    steps: (input.steps as Mapping[]).map((step) => effectiveStep(step, kindOf(step))),
    ...(scenario.rollback.length > 0 && input.rollback !== undefined
      ? { rollback: effectiveRollback(input.rollback) }
      : {}),
    rehearsal: scenario.rehearsal,
    ...some({ thresholds: input.thresholds, on: effectiveHooks(input.on) }),
    maxDuration: input.maxDuration ?? DEFAULT_MAX_DURATION,
    outputs: { dir: (input.outputs as Mapping | undefined)?.dir ?? DEFAULT_OUTPUT_DIR },
  };
}

function effectiveTargets({ target, targets }: Mapping): Mapping {
  if (targets === undefined) return { target: effectiveTarget(target as Mapping, true) };
  const named = Object.entries(targets as Record<string, Mapping>);
  return {
    targets: Object.fromEntries(named.map(([name, each], index) => [name, effectiveTarget(each, index === 0)])),
  };
}

/** `timeout` stands in the main target and holds for all. */
function effectiveTarget({ url, ...rest }: Mapping, isMain: boolean): Mapping {
  return {
    url,
    protocol: 'http/1.1',
    ...(isMain ? { timeout: DEFAULT_TIMEOUT } : {}),
    ...rest,
    allowWrites: rest.allowWrites ?? false,
  };
}

function effectiveTraffic(input: Mapping, traffic: Scenario['traffic']): Mapping {
  const percent = (share: number) => `${Number((share * 100).toPrecision(12))}%`;
  const { rate, timeUnit, startRate, stages, seed, data, blocked } = input;
  return {
    executor: input.executor ?? 'constant-arrival-rate',
    ...some({ rate, timeUnit, startRate: stages === undefined ? undefined : (startRate ?? 0), stages }),
    arrival: traffic.arrival,
    threads: traffic.threads,
    ...some({ seed }),
    connections: {
      keepalive: percent(traffic.keepaliveShare),
      fresh: percent(1 - traffic.keepaliveShare),
      pool: traffic.pool,
    },
    client: traffic.client,
    ...some({ data }),
    mix: (input.mix as Mapping[]).map((flow) => ({
      name: escapeDynamic(flowName(flow)),
      ...(flow.rate === undefined ? { weight: 1 } : {}),
      ...flow,
    })),
    ...some({ blocked }),
    maxInFlight: traffic.maxInFlight,
  };
}

/** Every default of a probe; a request that is not given stays that of the mix. */
function effectiveProbes(input: Mapping): Mapping {
  const given = Object.entries(input) as [ProbeName, Mapping][];
  return Object.fromEntries(given.map(([probe, said]) => [probe, { ...defaultsOf(probe, said), ...said }]));
}

function defaultsOf(probe: ProbeName, said: Mapping): Mapping {
  if (probe !== 'upload') return DEFAULT_PROBES[probe];
  return { ...DEFAULT_PROBES.upload, every: said.over ?? DEFAULT_PROBES.upload.over };
}

/** Every watcher with the name that reports and thresholds call it by; one made of a secret stays unsaid. */
function effectiveWatch(input: Mapping[] | undefined, watch: Scenario['watch']): Mapping[] | undefined {
  return input?.map((entry, index) => {
    const isNamed = entry.name !== undefined || (entry.metric as Mapping | undefined)?.name !== undefined;
    if (isNamed || JSON.stringify(entry).includes('${secret:')) return entry;
    return { name: escapeTemplate(watch[index]?.name ?? ''), ...entry };
  });
}

function effectiveRollback(input: unknown): Mapping[] {
  return (Array.isArray(input) ? input : [input]).map((step: Mapping) =>
    effectiveStep({ ...step, name: step.name ?? 'rollback' }, 'rollback'),
  );
}

function effectiveStep(step: Mapping, kind: string): Mapping {
  const { name, kind: _, run, timeout, ready, wait, within, ...rest } = step;
  return {
    name: name ?? kind,
    kind,
    ...some({ run, timeout: timeout ?? (run === undefined ? undefined : `${DEFAULT_STEP_TIMEOUT_MS / 60_000}m`) }),
    ...rest,
    ...(ready === undefined ? {} : { ready: effectiveReady(ready) }),
    ...(wait === undefined ? {} : { wait: effectiveWait(wait), within: within ?? DEFAULT_WAIT.within }),
  };
}

function effectiveWait(wait: unknown): unknown {
  const checks = (Array.isArray(wait) ? wait : [wait]) as Mapping[];
  const asksVersion = checks.some(({ version }) => version !== undefined);
  const told = (key: string) => checks.find((check) => check[key] !== undefined)?.[key];
  const [first, ...others] = checks;
  const complete = {
    ...first,
    consecutive: told('consecutive') ?? (asksVersion ? DEFAULT_WAIT.versionConsecutive : DEFAULT_READY.consecutive),
    interval: told('interval') ?? `${DEFAULT_READY.intervalMs}ms`,
  };
  return Array.isArray(wait) ? [complete, ...others] : complete;
}

function effectiveHooks(hooks: unknown): Mapping[] | undefined {
  return (hooks as Mapping[] | undefined)?.map((hook) => ({ ...hook, timeout: hook.timeout ?? DEFAULT_HOOK_TIMEOUT }));
}

function effectiveRequire(required: unknown): Mapping[] | undefined {
  if (required === undefined) return undefined;
  return (Array.isArray(required) ? required : [required]).map((entry: Mapping) =>
    entry.command === undefined ? entry : { ...entry, timeout: entry.timeout ?? DEFAULT_HOOK_TIMEOUT },
  );
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
