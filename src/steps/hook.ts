import type { HookEventName } from '../model/release.js';

/** A command that is run after the verdict. */
export interface Hook {
  event: HookEventName;
  /** A string is a shell script, never interpolated; a list is argv without a shell. */
  run: string | string[];
  /** Absolute; null for the scenario's folder. */
  cwd: string | null;
  env: Record<string, string>;
  timeoutMs: number;
}
