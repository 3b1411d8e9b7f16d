import { READING_RULES } from './reading.js';
import { RULES } from './rules/registry.js';
import { SQUAWK_RULES } from './squawk-rules.js';

/** Names of everything that can be found, ours and squawk's. */
export function knownRules(): string[] {
  return [...RULES.map(({ name }) => name), ...Object.keys(READING_RULES), ...Object.keys(SQUAWK_RULES)];
}
