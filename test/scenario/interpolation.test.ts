import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/scenario/interpolate.js';
import { escapeTemplate, parseTemplate } from '../../src/scenario/template.js';
import { Variables } from '../../src/scenario/variables.js';

const ENV = { A: 'a', EMPTY: '', B: 'b' };

function fill(text: string, env: Record<string, string> = ENV): string {
  return new Variables(new Map(), new Map(), env, new Map()).fill(text, 'release').real;
}

describe('interpolation', () => {
  it.each([
    ['${A}', 'a'],
    ['x${A}y${B}z', 'xaybz'],
    ['${NONE:-default}', 'default'],
    ['${EMPTY:-default}', 'default'],
    ['${EMPTY-default}', ''],
    ['${NONE-default}', 'default'],
    ['${NONE:-}', ''],
    ['${A:?needed}', 'a'],
    ['${EMPTY?needed}', ''],
    ['${A:+set}${NONE:+unset}${EMPTY:+unset}', 'set'],
    ['${EMPTY+set}', 'set'],
    ['${NONE:-${ALSO:-${A}}}', 'a'],
    ['${NONE:-a:b-c?d}', 'a:b-c?d'],
    ['$$A $${A} $$', '$A ${A} $'],
    ['costs 5$', 'costs 5$'],
    ['$.items[0] $1 $-', '$.items[0] $1 $-'],
    ['${baseline.version}', '${baseline.version}'],
  ])('reads %s as docker compose does', (text, expected) => {
    expect(fill(text)).toBe(expected);
  });

  it('puts no value in twice', () => {
    expect(fill('${A}', { A: '${B}', B: 'b' })).toBe('${B}');
  });

  it('leaves text without a dollar sign alone, and escaped text as it was', () => {
    fc.assert(fc.property(fc.string(), (text) => fill(escapeTemplate(text)) === text));
  });

  it('puts any value in as it is, between any texts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, value, after) => {
        const text = `${escapeTemplate(before)}\${V}${escapeTemplate(after)}`;
        return fill(text, { V: value }) === `${before}${value}${after}`;
      }),
    );
  });

  it('shows a text that reads back as the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, value) => {
        const variables = new Variables(new Map(), new Map(), { V: value }, new Map());
        const { real, shown } = variables.fill(`${escapeTemplate(before)}\${V}`, 'release');
        return variables.fill(shown, 'release').real === real;
      }),
    );
  });

  it('takes any text apart or says why not, and never fails otherwise', () => {
    const pieces = fc.array(fc.constantFrom('$', '{', '}', 'A', ':-', '?', 'secret:', 'baseline.version', ' ', '$$'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(pieces, (parts) => {
        try {
          parseTemplate(parts.join(''));
          return true;
        } catch (error) {
          return (error as Error).constructor.name === 'TemplateError';
        }
      }),
    );
  });

  it('leaves scripts alone at every place a step stands, and only there', () => {
    const tree = {
      name: '${A}',
      steps: [{ run: 'x ${A}' }, { run: ['x', '${A}'], env: { run: '${A}' } }],
      rollback: { run: 'y ${A}' },
      run: '${A}',
    };
    const never = () => expect.fail('nothing is wrong');
    const { real } = interpolate(tree, { env: ENV, set: new Map(), secrets: new Map() }, never);
    expect(real).toEqual({
      name: 'a',
      steps: [{ run: 'x ${A}' }, { run: ['x', 'a'], env: { run: 'a' } }],
      rollback: { run: 'y ${A}' },
      run: 'a',
    });
  });
});
