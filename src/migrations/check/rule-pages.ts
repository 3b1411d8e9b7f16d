import type { MigrationSeverity } from '../../model/migrations.js';
import { READING_RULES } from './reading.js';
import { RULES } from './rules/registry.js';
import { SQUAWK_RULES, squawkPage } from './squawk-rules.js';
import { SUPPRESSION_RULES } from './suppressions.js';

/** What there is to read about a rule. */
export interface RulePage {
  name: string;
  severity: MigrationSeverity;
  claim: string;
  because: string;
  remedy: string;
  references: readonly string[];
}

/** Every rule that a finding can bear, ours and squawk's. */
export const RULE_PAGES: readonly RulePage[] = [...RULES, ...ofReading(), ...ofSuppressions(), ...ofSquawk()];

function ofReading(): RulePage[] {
  return Object.entries(READING_RULES).map(([name, texts]) => ({
    name,
    severity: name === 'syntax-error' ? 'error' : 'note',
    ...texts,
    references: [],
  }));
}

function ofSuppressions(): RulePage[] {
  return Object.entries(SUPPRESSION_RULES).map(([name, texts]) => ({
    name,
    severity: name === 'suppression-unused' ? 'note' : 'warning',
    ...texts,
    references: [],
  }));
}

/** What squawk says where ours cannot read a statement is on the pages of ours too, under other names. */
function ofSquawk(): RulePage[] {
  return Object.entries(SQUAWK_RULES).flatMap(([name, rule]) => {
    if ('off' in rule || name in READING_RULES) return [];
    const because =
      rule.by === undefined
        ? 'Its own page says why.'
        : `Where the statement can be read here, ${rule.by.join(' and ')} ${rule.by.length === 1 ? 'says' : 'say'} it instead.`;
    return {
      name,
      severity: rule.severity,
      claim: 'A rule of squawk.',
      because,
      remedy: rule.remedy,
      references: [squawkPage(name)],
    };
  });
}
