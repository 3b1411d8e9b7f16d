import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sparkline } from '../../../src/cli/terminal/sparkline.js';
import { clip, displayWidth, flow, plainText } from '../../../src/cli/terminal/text.js';

describe('text for a terminal', () => {
  it('takes escape sequences, control characters and text that hides or reverses out of foreign text', () => {
    expect(plainText('\u001b[2J\u001b[31mred\u001b[0m\u0007 \u009b1Aup\r\nnext\u202eevil\u200b')).toBe(
      'red  up nextevil',
    );
    expect(plainText('\u001b]8;;http://evil\u0007link\u001b]8;;\u0007')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it('leaves nothing a terminal would act on, whatever came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
      }),
    );
  });

  it('counts wide characters as two columns and colours as none', () => {
    expect(displayWidth('reload')).toBe(6);
    expect(displayWidth('\u001b[31mreload\u001b[39m')).toBe(6);
    expect(displayWidth('部署')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
  });

  it('never cuts to more columns than there are', () => {
    expect(clip('gunicorn', 8)).toBe('gunicorn');
    expect(clip('gunicorn', 7)).toBe('gunico…');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 30 }), (text, width) => {
        expect(displayWidth(clip(plainText(text), width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('breaks between parts and never inside one', () => {
    expect(flow(['aaa', 'bbb', 'ccc'], 8, '  ')).toEqual(['aaa  bbb', 'ccc']);
    expect(flow(['longer than the width'], 8, '  ')).toEqual(['longer than the width']);
    expect(flow([], 8, '  ')).toEqual([]);
  });
});

describe('a sparkline', () => {
  it('draws zero lowest, the highest value full, and nothing where there was no answer', () => {
    expect(sparkline([0, null, 50, 100], 10)).toBe('▁ ▅█');
  });

  it('shows one failure among thousands', () => {
    expect(sparkline([0, 1, 5000], 10)).toBe('▁▂█');
  });

  it('shows the last values where there are more than columns', () => {
    expect(sparkline([9, 0, 0, 0], 3)).toBe('▁▁▁');
    expect(sparkline([1, 2], 0)).toBe('');
  });
});
