import { dirname } from 'node:path';
import { stallLimitMs, type Threshold } from '../model/threshold.js';
import { formatMs, parseDuration } from '../model/units.js';
import { SEQUENCE } from './dynamic.js';
import type { Files } from './files.js';
import { checkHolds } from './holds.js';
import { readHooks } from './hooks.js';
import { readHosts } from './hosts-ssh.js';
import type { MigrationFiles } from './migration-files.js';
import { readProbes } from './probes.js';
import type { Path, Report } from './problem.js';
import { arrivalsWithin, lastChangeWithin } from './rates.js';
import { readReleaseInfo } from './release-info.js';
import { readRequirements } from './require.js';
import type { Scenario } from './scenario.js';
import type { CheckedScenario, CheckedStep } from './schema.js';
import { checkVariableName, readSteps } from './steps.js';
import { readTargets } from './targets.js';
import { withDefaults } from './threshold-defaults.js';
import { type KnownNames, readThresholds } from './thresholds.js';
import { readTraffic } from './traffic.js';
import { measuredBy, readWatch } from './watch.js';

export const DEFAULT_WARMUP = '2s';
export const DEFAULT_BASELINE = '30s';
export const DEFAULT_MAX_DURATION = '1h';
export const DEFAULT_OUTPUT_DIR = 'reports';

/** What surrounds the checked scenario. */
export interface BuildContext {
  file: string | null;
  /** Folder of the scenario, where its file is not what says it. */
  dir?: string;
  sha256: string;
  vars: Record<string, string>;
  secrets: string[];
  /** Names in the file itself, for selectors: also those of parts that were faulty. */
  known: KnownNames & { targets: readonly string[]; hosts: readonly string[] };
  /** What is in the files that the scenario names. */
  files: Files;
  /** The SQL that steps name. */
  migrationFiles: MigrationFiles;
  /** Whether the file says anything of a rollback. */
  hasRollback: boolean;
  sourceOf(path: Path): Threshold['source'];
}

/** Turns a checked scenario into what the conductor executes, and reports what no schema can see. */
export function buildScenario(
  input: CheckedScenario,
  context: BuildContext,
  report: Report,
): Omit<Scenario, 'effective'> {
  const dir = context.dir ?? dirname(context.file ?? '.');
  const place = { dir, files: context.files };
  const targets = readTargets(input, place, report);
  const knownTargets = context.known.targets;
  const hosts = { ...readHosts(input.hosts, dir, ['hosts'], report), known: context.known.hosts };
  const { mix } = input.traffic;
  const around = {
    targets,
    knownTargets,
    hosts,
    knownFlows: context.known.flows,
    mix,
    dir,
    migrationFiles: context.migrationFiles,
  };
  const steps = readSteps(input, around, report);
  const stepRates = [...steps.steps, ...steps.rollback].flatMap(({ ratePerSec }) => ratePerSec ?? []);
  const traffic = readTraffic(input.traffic, { targets, knownTargets, place, stepRates }, ['traffic'], report);
  const probes = readProbes(input.probes, { targets, place, mix, traffic }, ['probes'], report);
  const watch = readWatch(input.watch, { dir, hosts }, ['watch'], report);
  for (const name of Object.keys(input.vars ?? {})) checkVariable(name, report);
  checkTimes(input, traffic, report);
  const said = placedSteps(input);
  checkStepRates(said, traffic, report);
  checkHolds(said, traffic, report);
  const rehearsal = input.rehearsal ?? (context.hasRollback ? 'rollback' : 'none');
  if (rehearsal !== 'none' && !context.hasRollback) {
    report(['rehearsal'], 'there is no rollback to rehearse', { hint: 'define `rollback:`, or leave `rehearsal` out' });
  }
  const user = readThresholds(
    input.thresholds ?? {},
    { ...context.known, measured: measuredBy(watch) },
    ['thresholds'],
    report,
    context.sourceOf,
  );
  const thresholds = withDefaults(user, probes?.probes.map(({ probe }) => probe) ?? []);
  const [main] = targets.all;
  return {
    name: input.name,
    sha256: context.sha256,
    file: context.file,
    dir,
    runbook: input.runbook ?? null,
    release: readReleaseInfo(input.release, ['release'], report),
    vars: context.vars,
    requirements: readRequirements(input.require, { targets, hosts }, ['require'], report),
    hosts: [...hosts.all.values()],
    target: { url: `${main.endpoint.origin}${main.prefix}`, allowWrites: main.allowWrites },
    version: { declared: targets.version.plan !== null, changes: targets.version.changes },
    traffic: { ...traffic, lateLimitMs: stallLimitMs(thresholds) / 2 },
    probes,
    watch,
    warmupMs: ms(input.warmup ?? DEFAULT_WARMUP),
    baselineMs: ms(input.baseline ?? DEFAULT_BASELINE),
    ...steps,
    rehearsal,
    thresholds,
    hooks: readHooks(input.on, dir, ['on'], report),
    maxDurationMs: ms(input.maxDuration ?? DEFAULT_MAX_DURATION),
    outputDir: input.outputs?.dir ?? DEFAULT_OUTPUT_DIR,
    secrets: [...context.secrets, ...keysOf(traffic, probes)],
  };
}

/** Private keys are as secret as what the environment gives. */
function keysOf(traffic: Pick<Scenario['traffic'], 'endpoints'>, probes: Scenario['probes']): string[] {
  const elsewhere = (probes?.probes ?? []).flatMap((probe) => ('endpoint' in probe ? [probe.endpoint] : []));
  return [...new Set([...traffic.endpoints, ...elsewhere].flatMap(({ tls }) => tls.key ?? []))];
}

function checkVariable(name: string, report: Report): void {
  if (name === SEQUENCE) {
    const message = `\`\${${name}}\` is the number of the arrival in a flow; choose another name`;
    report(['vars', name], message, { part: 'key' });
  } else checkVariableName(name, ['vars', name], report);
}

type Streams = Pick<Scenario['traffic'], 'streams'>;

function checkTimes(input: CheckedScenario, { streams }: Streams, report: Report): void {
  const warmupMs = ms(input.warmup ?? DEFAULT_WARMUP);
  const before = warmupMs + ms(input.baseline ?? DEFAULT_BASELINE);
  const profiles = streams.map(({ rate }) => rate);
  if (arrivalsWithin(profiles, warmupMs, before) < 1) {
    const at = input.baseline === undefined ? ['traffic', 'rate'] : ['baseline'];
    report(at, 'not one arrival is due in the baseline: nothing would be known of what is normal', {
      hint: 'raise one of `traffic.rate` and `baseline`',
    });
  }
  const changes = profiles.flatMap((profile) => lastChangeWithin(profile, warmupMs, before) ?? []);
  if (changes.length > 0) {
    const until = Math.max(...changes);
    const message = `the rate still changes in the baseline (until ${formatMs(until)}, the baseline is from ${formatMs(warmupMs)} to ${formatMs(before)}): it could not say what is normal`;
    const hint = `let the ramp end in the warm-up (\`warmup: ${Math.ceil(until / 1000)}s\`), or begin after the baseline`;
    report(['traffic', 'stages'], message, { part: 'key', hint });
  }
  if (ms(input.maxDuration ?? DEFAULT_MAX_DURATION) <= before) {
    const at = input.maxDuration === undefined ? ['baseline'] : ['maxDuration'];
    report(at, 'the run would end before its first step: `maxDuration` is no longer than warm-up and baseline');
  }
}

/** A step changes the rate of the mix: there must be one. */
function checkStepRates(steps: readonly PlacedStep[], { streams }: Streams, report: Report): void {
  if (streams[0]?.name === '') return;
  for (const { step, path } of steps) {
    if (step.rate === undefined) continue;
    report([...path, 'rate'], 'there is no mix for this rate: every flow has a rate of its own', { part: 'key' });
  }
}

interface PlacedStep {
  step: CheckedStep;
  path: Path;
}

/** The steps and the rollback's, as they stand in the file. */
function placedSteps({ steps, rollback = [] }: CheckedScenario): PlacedStep[] {
  return [
    ...steps.map((step, index) => ({ step, path: ['steps', index] })),
    ...(Array.isArray(rollback)
      ? rollback.map((step, index) => ({ step, path: ['rollback', index] }))
      : [{ step: rollback, path: ['rollback'] }]),
  ];
}

/** A duration that the schema let through. */
function ms(text: string): number {
  return parseDuration(text) as number;
}
