import type { TrafficPlan } from '../engine/plan.js';
import type { ReleaseInfo } from '../model/release.js';
import type { Threshold } from '../model/threshold.js';
import type { RemoteHost } from '../platform/ssh.js';
import type { ProbesPlan } from '../probes/plan.js';
import type { Hook } from '../steps/hook.js';
import type { Requirement } from '../steps/requirement.js';
import type { Step } from '../steps/step.js';
import type { WatchPlan } from '../watchers/plan.js';

/** A scenario after validation, interpolation and defaults: what the conductor executes. */
export interface Scenario {
  name: string;
  /** SHA-256 of the scenario file's bytes (of the command line's JSON, without a file), hex. */
  sha256: string;
  file: string | null;
  /** Folder the steps run in unless they say otherwise: the scenario file's, else the current one. */
  dir: string;
  runbook: string | null;
  /** `git` is null where the scenario does not say it: the repository is asked when the run begins. */
  release: ReleaseInfo;
  /** Exported to every command, secrets included. */
  vars: Record<string, string>;
  /** Checked before anything is run. */
  requirements: Requirement[];
  hosts: (RemoteHost & { destination: string })[];
  /** The main one, where there are several. */
  target: { url: string; allowWrites: boolean };
  /** Whether the version must change and come back; `declared` says whether it can be read at all. */
  version: { declared: boolean; changes: boolean };
  /** `seed` is null where the scenario gives none. */
  traffic: Omit<TrafficPlan, 'userAgent' | 'seed'> & { seed: number | null };
  /** Null where there are none. */
  probes: Omit<ProbesPlan, 'userAgent' | 'seed'> | null;
  watch: WatchPlan[];
  warmupMs: number;
  baselineMs: number;
  setup: Step[];
  steps: Step[];
  teardown: Step[];
  rollback: Step[];
  rehearsal: 'rollback' | 'rollback-forward' | 'none';
  thresholds: Threshold[];
  /** Run after the verdict. */
  hooks: Hook[];
  maxDurationMs: number;
  outputDir: string;
  /** Values that must never be shown; every encoded form of them is redacted too. */
  secrets: string[];
  /** The scenario as it will be run, for `--print-effective` and the record; secrets as `${secret:NAME}`. */
  effective: unknown;
}
