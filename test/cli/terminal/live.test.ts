import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockText, progressText, renderLive } from '../../../src/cli/terminal/live.js';
import { COLORED, PLAIN } from '../../../src/cli/terminal/style.js';
import { displayWidth } from '../../../src/cli/terminal/text.js';
import { exampleView } from './example-view.js';

describe('the live view', () => {
  it('shows the run, its steps, the counts and the trends', () => {
    const [head, ...rest] = renderLive(exampleView(), 112, PLAIN);
    expect(head).toMatch(
      /^ zdd-verify {2}gunicorn-nginx-symlink -> staging\.shop\.example {9,}02:31 \/ ~05:00 {3}200\.0\/s \(lag 1 ms\)$/,
    );
    expect(rest.slice(0, -1)).toEqual([
      ' ✓ baseline 30.0s  ✓ build 99.0s  ✓ migrate 18.0s  ✓ switch 0.1s  ▶ reload 3.4s  ○ rollback',
      '   reload › ready 7/20',
      ' requests 30,214   ok 30,183   failed 31   reset 12   refused 0   timeout 0   unexpected-status 19   unsent 0',
      ' fail/s  ▁▁▁▂▇█',
      ' p99 ms  ▂▂▂▂▅█   now 812  limit 500',
    ]);
    expect(rest.at(-1)).toMatch(
      /^ ✗ 02:27\.4 reset POST \/api\/checkout \(reload \+0\.3s\) {10,}Ctrl-C: roll back, report, exit 130$/,
    );
  });

  it('never draws a line wider than the terminal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), fc.string({ unit: 'grapheme' }), (width, foreign) => {
        const view = { ...exampleView(), scenario: foreign, target: foreign, activity: foreign, lastFailure: foreign };
        for (const style of [PLAIN, COLORED]) {
          for (const line of renderLive(view, width, style)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  it('keeps the time, every step and every count on a narrow terminal', () => {
    const text = renderLive(exampleView(), 40, PLAIN).join('\n');
    for (const part of [
      '02:31',
      'gunicorn-nginx-symlink',
      '▶ reload 3.4s',
      '○ rollback',
      'reset 12',
      'unsent 0',
      'Ctrl-C',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('lets no text of the target or the scenario move the cursor', () => {
    const evil = '\u001b[2J\u001b[1;1Howned\r\n';
    const view = { ...exampleView(), scenario: evil, target: evil, activity: evil, lastFailure: evil };
    view.steps = [{ name: evil, state: 'running', ms: 1 }];
    view.counts.byError = { [evil]: 3 };
    expect(renderLive(view, 110, PLAIN).join('')).not.toMatch(/[\u0000-\u001f]/);
    expect(progressText(view)).not.toMatch(/[\u0000-\u001f]/);
  });

  it('shows failures in red, and what was unsent in yellow', () => {
    const view = exampleView();
    view.counts.unsent = 4;
    const text = renderLive(view, 150, COLORED).join('\n');
    expect(text).toContain('\u001b[31mreset 12\u001b[39m');
    expect(text).toContain('\u001b[33munsent 4\u001b[39m');
    expect(text).not.toContain('\u001b[31mrefused 0');
  });

  it('leaves the expected time out where it is not known', () => {
    expect(renderLive({ ...exampleView(), expectedMs: null }, 110, PLAIN)[0]).not.toContain('~');
  });

  it('writes hours only when there are any', () => {
    expect(clockText(151_900)).toBe('02:31');
    expect(clockText(3_751_000)).toBe('1:02:31');
    expect(clockText(-5)).toBe('00:00');
  });
});
