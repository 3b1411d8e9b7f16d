import type { z } from 'zod';
import type { StepKind } from '../../model/phase.js';

/** A readiness check in the form of a scenario file. */
export type Check = Record<string, unknown>;

/** A step in the form of a scenario file. */
export interface StepText {
  name: string;
  kind: StepKind;
  /** A shell script. What the user has given reaches it by `env`, never as part of its text. */
  run: string;
  cwd?: string;
  env?: Record<string, string>;
  timeout?: string;
  ready?: Check;
  hold?: string | { until: { requests: number; version?: string }; max: string };
  on?: string;
}

/** What a strategy stands for: parts of a scenario, as a user could have written them. */
export interface Expansion {
  steps: StepText[];
  rollback: StepText[];
  watch: Record<string, unknown>[];
  thresholds: Record<string, unknown>;
}

/** Where an answer says its version, as in `target.version`. */
export interface VersionPlace {
  header?: string | undefined;
  json?: string | undefined;
  body?: string | undefined;
}

/** What a strategy sees of the scenario around it. */
export interface Surroundings {
  /** `target.version`; null where the scenario has none. */
  version: VersionPlace | null;
}

/** Says that options do not go together; the path starts at the options. */
export type Complain = (option: string, message: string, hint?: string) => void;

/** A way to release, given in a few options. */
export interface Strategy {
  name: string;
  summary: string;
  options: z.ZodType;
  /** What no schema can see. */
  check(options: never, complain: Complain): void;
  expand(options: never, around: Surroundings): Expansion;
  /** The part of a scenario that `init --preset` writes: values for its variables, and the options with comments. */
  preset: { vars: Record<string, string>; options: string };
}

/** Ties the type of the options to those who read them. */
export function strategy<T extends z.ZodType>(definition: {
  name: string;
  summary: string;
  options: T;
  check?(options: z.output<T>, complain: Complain): void;
  expand(options: z.output<T>, around: Surroundings): Expansion;
  preset: Strategy['preset'];
}): Strategy {
  return { check: () => {}, ...definition } as Strategy;
}
