import type { Step } from '../steps/step.js';
import { BASELINE_VERSION_IN_REGEXP } from './matchers.js';
import { BASELINE_VERSION } from './template.js';

/**
 * Puts the version that the baseline measured in wherever `${baseline.version}` stands; in regular expressions it
 * stands for its own text. Shell scripts stay as they are.
 */
export function withBaselineVersion(step: Step, version: string): Step {
  return {
    ...(filled(step, version) as Step),
    run: Array.isArray(step.run) ? (filled(step.run, version) as string[]) : step.run,
  };
}

/** Whether that version has a place in the step. */
export function holdsBaselineVersion({ run, ...rest }: Step): boolean {
  return holds(typeof run === 'string' ? rest : [run, rest]);
}

/** Whether a step cannot do without that version: it has a place there, or the script demands it by `${...:?}`. */
export function needsBaselineVersion(step: Step): boolean {
  return holdsBaselineVersion(step) || /\$\{ZDD_BASELINE_VERSION:?\?/.test(String(step.run));
}

function holds(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(BASELINE_VERSION);
  if (value instanceof RegExp) return value.source.includes(BASELINE_VERSION_IN_REGEXP);
  return typeof value === 'object' && value !== null && Object.values(value).some(holds);
}

function filled(value: unknown, version: string): unknown {
  if (typeof value === 'string') return value.replaceAll(BASELINE_VERSION, () => version);
  if (value instanceof RegExp) {
    if (!value.source.includes(BASELINE_VERSION_IN_REGEXP)) return value;
    const literal = version.replace(/[\\^$.*+?()[\]{}|/-]/g, escapeCharacter);
    return new RegExp(
      value.source.replaceAll(BASELINE_VERSION_IN_REGEXP, () => literal),
      value.flags,
    );
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, version));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, version)]));
}

/** Hexadecimal, which every flag and place of a regular expression understands. */
function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
