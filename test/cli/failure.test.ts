import { describe, expect, it } from 'vitest';
import { exitCodeOf, explainFailure } from '../../src/cli/failure.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { ZddError } from '../../src/model/errors.js';

const quiet = { style: PLAIN, debug: false };

describe('an error of the command', () => {
  it('says code, message, what to do, and where to read more', () => {
    const error = new ZddError('SCENARIO_UNREADABLE', 'zdd.yaml: no such file', { hint: 'Check the path.' });
    expect(explainFailure(error, quiet)).toBe(
      'error SCENARIO_UNREADABLE: zdd.yaml: no such file\n  Check the path.\n  zdd-verify explain SCENARIO_UNREADABLE\n',
    );
    expect(exitCodeOf(error)).toBe(2);
  });

  it('is a fault of zdd-verify where nobody expected it, without a stack', () => {
    const text = explainFailure(new TypeError('x is not a function'), quiet);
    expect(text).toContain('HARNESS_FAULT: x is not a function');
    expect(text).toContain('a fault in zdd-verify');
    expect(text).not.toContain('    at ');
    expect(exitCodeOf(new TypeError('x'))).toBe(1);
    expect(exitCodeOf(new ZddError('HARNESS_FAULT', 'x'))).toBe(1);
    expect(exitCodeOf('thrown text')).toBe(1);
  });

  it('shows the stacks of the whole chain with ZDD_DEBUG', () => {
    const cause = new RangeError('deep below');
    const text = explainFailure(new ZddError('HARNESS_FAULT', 'on top', { cause }), { style: PLAIN, debug: true });
    expect(text).toContain('RangeError: deep below\n    at ');
  });

  it('keeps the lines of a message and nothing that moves a cursor', () => {
    const text = explainFailure(new ZddError('SCENARIO_INVALID', 'a.yaml:1:2 one\na.yaml:3:4 \u001b[2Jtwo'), quiet);
    expect(text).toContain('a.yaml:1:2 one\na.yaml:3:4 two\n');
  });
});
