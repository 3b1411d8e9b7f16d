import type { Sign } from './sign.js';
import type { System } from './systems.js';
import type { View } from './view.js';

/** One way in which a release goes wrong; a pure function of what the record shows of an incident. */
export interface Cause {
  /** The `rule` of its finding. */
  name: string;
  /** Number in the list of failure modes; null for those it does not have. */
  mode: number | null;
  /** What happened, as a sentence. */
  claim: string;
  /** How it looks from a client. */
  signature: string;
  /** Why it happens. */
  because: string;
  remedy: string;
  /** The line that fixes it, for a system that is in use. */
  fixes?: Partial<Record<System, string>>;
  /** Where it is discussed in public. */
  references: readonly string[];
  signs(v: View): Sign[];
}

/** The remedy with the lines for the systems in use. */
export function remedyFor({ remedy, fixes = {} }: Cause, systems: ReadonlySet<System>): string {
  const lines = Object.entries(fixes).flatMap(([system, line]) => (systems.has(system as System) ? line : []));
  return [remedy, ...lines].join(' ');
}
