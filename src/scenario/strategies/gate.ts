import { METHODS } from '../schema-requests.js';
import { BASELINE_VERSION } from '../template.js';
import type { Ready } from './options.js';
import type { Check, Surroundings, VersionPlace } from './strategy.js';

const DEFAULT_READY = '/healthz';

interface GateOptions {
  ready: Ready;
  around: Surroundings;
  /** The version that must answer; null for that of the baseline. */
  release: string | null;
  /** URL of one instance; null for the target. */
  at?: string | null;
  /** Answers in a row: more where several processes answer in turn, and some may still be old. */
  consecutive: number;
}

/** The readiness check of a step: the user's, with the version that is waited for. */
export function gate({ ready = DEFAULT_READY, around, release, at = null, consecutive }: GateOptions): Check {
  const { version: own, ...check } = typeof ready === 'string' ? { get: ready } : (ready as OwnCheck);
  const is = release ?? BASELINE_VERSION;
  // Without `target.version` nobody knows what the baseline's was.
  const known = around.version !== null || (own !== undefined && release !== null);
  return {
    ...(at === null ? check : atInstance(check, at)),
    ...(known ? { version: own === undefined ? is : { is, ...own } } : {}),
    consecutive: check.consecutive ?? consecutive,
    within: check.within ?? '60s',
  };
}

type OwnCheck = Record<string, unknown> & { version?: VersionPlace };

function atInstance(check: Record<string, unknown>, at: string): Record<string, unknown> {
  const base = at.replace(/\/$/, '');
  const entries = Object.entries(check).map(([key, value]) => [
    key,
    (METHODS as readonly string[]).includes(key) ? `${base}${value}` : value,
  ]);
  return Object.fromEntries(entries);
}
