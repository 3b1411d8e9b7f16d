import { describe, expect, it } from 'vitest';
import { explanationOf } from '../../src/cli/explain.js';
import { EXPLANATIONS } from '../../src/cli/explanations.js';
import { CAUSES } from '../../src/judge/causes/registry.js';
import { RUN_CAUSES } from '../../src/judge/causes/run-causes.js';
import { RULES } from '../../src/judge/findings/registry.js';
import { RULE_PAGES } from '../../src/migrations/check/rule-pages.js';
import { TRACE_RULES } from '../../src/migrations/trace/rules.js';
import { ERROR_CODES, ZddError } from '../../src/model/errors.js';
import { EXIT } from '../../src/model/exit-codes.js';
import { FAILURE_CAUSES, UNSENT_CAUSES } from '../../src/model/outcome.js';
import { METRICS } from '../../src/model/threshold.js';

describe('explain', () => {
  it('knows every exit code, error code, outcome, finding and metric, each once and with something to do', () => {
    const expected = [
      ...Object.values(EXIT).map(String),
      ...Object.keys(ERROR_CODES),
      ...FAILURE_CAUSES,
      ...UNSENT_CAUSES,
      ...RULES.map(({ name }) => name),
      ...[...CAUSES, ...RUN_CAUSES].map(({ name }) => name),
      'unexplained',
      ...METRICS,
      ...RULE_PAGES.map(({ name }) => name),
      ...Object.keys(TRACE_RULES),
    ];
    expect(EXPLANATIONS.map(({ code }) => code).sort()).toEqual(expected.sort());
    for (const { meaning, remedy } of EXPLANATIONS) {
      expect(meaning).toMatch(/^(?:[A-Z`]|zdd-verify |nginx ).*\.$/);
      expect(remedy).toMatch(/^[\dA-Z`].*\.$/);
    }
  });

  it('finds a code in any case and with either dash', () => {
    expect(explanationOf('scenario-invalid').code).toBe('SCENARIO_INVALID');
    expect(explanationOf('Unexpected_Status').code).toBe('unexpected-status');
    expect(explanationOf('99').kind).toBe('exit');
  });

  it.each([
    ['truncatd', 'Did you mean truncated?'],
    ['SCENARIO_INVALD', 'Did you mean SCENARIO_INVALID?'],
    ['137', 'SIGKILL'],
    ['idle', 'idle_closed_unannounced, idle_failed'],
    ['42', 'Its codes are 0, 1, 2, 94'],
    ['nothing-like-it', 'lists what can be explained'],
  ])('answers the unknown `%s` with a hint', (code, hint) => {
    expect(() => explanationOf(code)).toThrow(ZddError);
    try {
      explanationOf(code);
    } catch (error) {
      expect((error as ZddError).code).toBe('USAGE');
      expect((error as ZddError).hint).toContain(hint);
    }
  });
});
