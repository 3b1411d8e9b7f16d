import { dirname } from 'node:path';
import { stallLimitMs, type Threshold } from '../model/threshold.js';
import { parseDuration, parseRate } from '../model/units.js';
import { isTrue } from './leaves.js';
import { readVersion } from './matchers.js';
import type { Path, Report } from './problem.js';
import { readHeaders, readTargetUrl, type TargetBase } from './requests.js';
import type { Scenario } from './scenario.js';
import type { CheckedScenario } from './schema.js';
import { checkVariableName, readSteps } from './steps.js';
import { withDefaults } from './threshold-defaults.js';
import { type KnownNames, readThresholds } from './thresholds.js';
import { readTraffic } from './traffic.js';

export const DEFAULT_TIMEOUT = '5s';
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
  known: KnownNames;
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
  const target = readTarget(input.target, report);
  const timeoutMs = ms(input.target.timeout ?? DEFAULT_TIMEOUT);
  const version = readVersion(input.target.version, ['target', 'version'], report);
  const traffic = readTraffic(input.traffic, target.base, timeoutMs, ['traffic'], report);
  const steps = readSteps(input, target.base, dir, report);
  for (const name of Object.keys(input.vars ?? {})) checkVariableName(name, ['vars', name], report);
  checkTimes(input, report);
  const rehearsal = input.rehearsal ?? (context.hasRollback ? 'rollback' : 'none');
  if (rehearsal !== 'none' && !context.hasRollback) {
    report(['rehearsal'], 'there is no rollback to rehearse', { hint: 'define `rollback:`, or leave `rehearsal` out' });
  }
  const user = readThresholds(input.thresholds ?? {}, context.known, ['thresholds'], report, context.sourceOf);
  const thresholds = withDefaults(user);
  return {
    name: input.name,
    sha256: context.sha256,
    file: context.file,
    dir,
    runbook: input.runbook ?? null,
    vars: context.vars,
    target: { url: target.url, allowWrites: target.base.allowWrites },
    version: { declared: version.plan !== null, changes: version.changes },
    traffic: {
      origin: target.base.origin,
      timeoutMs,
      ...traffic,
      lateLimitMs: stallLimitMs(thresholds) / 2,
      version: version.plan,
    },
    warmupMs: ms(input.warmup ?? DEFAULT_WARMUP),
    baselineMs: ms(input.baseline ?? DEFAULT_BASELINE),
    ...steps,
    rehearsal,
    thresholds,
    maxDurationMs: ms(input.maxDuration ?? DEFAULT_MAX_DURATION),
    outputDir: input.outputs?.dir ?? DEFAULT_OUTPUT_DIR,
    secrets: context.secrets,
  };
}

function readTarget(input: CheckedScenario['target'], report: Report): { url: string; base: TargetBase } {
  const url = readTargetUrl(input.url, ['target', 'url'], report) ?? new URL('http://localhost');
  const prefix = url.pathname.replace(/\/+$/, '');
  const base = {
    origin: url.origin,
    hostname: url.hostname,
    prefix,
    headers: readHeaders(input.headers, ['target', 'headers'], report),
    allowWrites: isTrue(input.allowWrites),
  };
  return { url: `${url.origin}${prefix}`, base };
}

function checkTimes(input: CheckedScenario, report: Report): void {
  const baselineMs = ms(input.baseline ?? DEFAULT_BASELINE);
  const before = ms(input.warmup ?? DEFAULT_WARMUP) + baselineMs;
  const rate = parseRate(String(input.traffic.rate)) as number;
  if (rate * baselineMs < 1000) {
    const at = input.baseline === undefined ? ['traffic', 'rate'] : ['baseline'];
    report(at, 'not one arrival is due in the baseline: nothing would be known of what is normal', {
      hint: 'raise one of `traffic.rate` and `baseline`',
    });
  }
  if (ms(input.maxDuration ?? DEFAULT_MAX_DURATION) <= before) {
    const at = input.maxDuration === undefined ? ['baseline'] : ['maxDuration'];
    report(at, 'the run would end before its first step: `maxDuration` is no longer than warm-up and baseline');
  }
}

/** A duration that the schema let through. */
function ms(text: string): number {
  return parseDuration(text) as number;
}
