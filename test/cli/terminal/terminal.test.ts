import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { canRedraw, styleOf } from '../../../src/cli/terminal/style.js';
import { createTerminal } from '../../../src/cli/terminal/terminal.js';
import type { RunEvent } from '../../../src/model/event.js';
import { exampleView } from './example-view.js';

/** A stream that keeps what was written to it. */
class Sink extends EventEmitter {
  text = '';
  isTTY: boolean;
  columns = 100;
  rows = 40;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

const PHASE: RunEvent = { type: 'phase', at: 61_000, name: 'reload', kind: 'reload', role: 'release' };
const FAILED: RunEvent = {
  type: 'step-ended',
  at: 64_000,
  name: 'reload',
  outcome: 'failed',
  detail: 'exit \u001b[2J3',
};
const UP = /\u001b\[\d+A/g;

function open(options: {
  tty?: boolean;
  quiet?: boolean;
  json?: boolean;
  env?: Record<string, string>;
  dataTty?: boolean;
}) {
  const stream = new Sink(options.tty ?? false);
  const data = new Sink(options.dataTty ?? false);
  const { quiet = false, json = false, env = {} } = options;
  return { stream, data, terminal: createTerminal({ stream, data, env, quiet, json }) };
}

describe('a terminal', () => {
  it('says what a signal leads to', () => {
    const { stream, terminal } = open({});
    const signal = { type: 'decision', at: 16_000, cause: 'signal', detail: 'SIGINT received' } as const;
    for (const action of ['rollback', 'abort', 'continue'] as const) terminal.event({ ...signal, action });
    expect(stream.text.split('\n').slice(0, 3)).toEqual([
      '00:16  SIGINT received: rolling back',
      '00:16  SIGINT received: ending here, nothing is rolled back',
      '00:16  SIGINT received',
    ]);
  });

  it('is redrawn at most four times a second', () => {
    const { stream, terminal } = open({ tty: true });
    for (let elapsedMs = 0; elapsedMs < 2000; elapsedMs += 10) terminal.update({ ...exampleView(), elapsedMs });
    expect(stream.text.match(/zdd-verify {2}/g)).toHaveLength(8);
    terminal.close();
  });

  it('draws each frame over the last one and gives the cursor back', () => {
    const { stream, terminal } = open({ tty: true });
    terminal.update({ ...exampleView(), elapsedMs: 0 });
    const height = stream.text.split('\n').length - 1;
    terminal.update({ ...exampleView(), elapsedMs: 1000 });
    expect(stream.text).toContain(`\u001b[${height}A\r\u001b[J`);
    terminal.finish(['the end']);
    terminal.close();
    expect(stream.text.startsWith('\u001b[?25l')).toBe(true);
    expect(stream.text.endsWith('\u001b[?25hthe end\n')).toBe(true);
    expect(stream.text.match(/\u001b\[\?25h/g)).toHaveLength(1);
  });

  it('counts the rows that old lines take after it became narrower', () => {
    const { stream, terminal } = open({ tty: true });
    terminal.update({ ...exampleView(), elapsedMs: 0 });
    const before = stream.text.length;
    stream.columns = 50;
    stream.emit('resize');
    const rows = Number(/\u001b\[(\d+)A/.exec(stream.text.slice(before))?.[1]);
    expect(rows).toBeGreaterThan(8);
    terminal.close();
  });

  it('keeps a sentence above the block, and draws nothing once it is closed', () => {
    const { stream, terminal } = open({ tty: true });
    terminal.update({ ...exampleView(), elapsedMs: 0 });
    terminal.line('SIGINT: rolling back');
    expect(stream.text).toMatch(/\u001b\[\d+A\r\u001b\[JSIGINT: rolling back\n(?:.*\n)+$/);
    terminal.close();
    const length = stream.text.length;
    terminal.update({ ...exampleView(), elapsedMs: 9000 });
    stream.emit('resize');
    terminal.close();
    expect(stream.text).toHaveLength(length);
  });

  it('leaves no listener behind', () => {
    const before = process.listenerCount('exit');
    const { stream, terminal } = open({ tty: true });
    terminal.update(exampleView());
    terminal.finish([]);
    expect(stream.listenerCount('resize')).toBe(0);
    expect(process.listenerCount('exit')).toBe(before);
  });
});

describe('a log', () => {
  it('gets a line for each transition of a step and one every ten seconds', () => {
    const { stream, terminal } = open({});
    terminal.event(PHASE);
    for (let elapsedMs = 60_000; elapsedMs <= 80_000; elapsedMs += 250) {
      terminal.update({ ...exampleView(), elapsedMs, lastFailure: null });
    }
    terminal.event(FAILED);
    const lines = stream.text.trimEnd().split('\n');
    expect(lines[0]).toBe('01:01  ▶ reload');
    expect(lines.filter((line) => line.includes('requests 30,214'))).toHaveLength(3);
    expect(lines.at(-1)).toBe('01:04  ✗ reload failed: exit 3');
    expect(stream.text).not.toMatch(UP);
  });

  it('gets a line at the first failure without waiting', () => {
    const { stream, terminal } = open({});
    terminal.update({ ...exampleView(), elapsedMs: 1000, lastFailure: null });
    terminal.update({ ...exampleView(), elapsedMs: 1250 });
    terminal.update({ ...exampleView(), elapsedMs: 1500 });
    expect(stream.text.trimEnd().split('\n')).toHaveLength(1);
    expect(stream.text).toContain('02:27.4 reset POST /api/checkout');
  });

  it('holds the end and nothing else with quiet', () => {
    for (const tty of [true, false]) {
      const { stream, terminal } = open({ quiet: true, tty });
      terminal.event(PHASE);
      terminal.update(exampleView());
      terminal.line('a sentence');
      terminal.finish(['the end']);
      terminal.close();
      expect(stream.text).toBe('the end\n');
    }
  });
});

describe('ndjson', () => {
  it('goes to stdout, one event a line, beside the lines on stderr', () => {
    const { stream, data, terminal } = open({ json: true });
    terminal.event(PHASE);
    terminal.event(FAILED);
    terminal.finish(['the end']);
    expect(
      data.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([PHASE, FAILED]);
    expect(stream.text).toContain('▶ reload');
  });

  it('goes to stdout with quiet too', () => {
    const { stream, data, terminal } = open({ json: true, quiet: true });
    terminal.event(PHASE);
    expect(data.text).not.toBe('');
    expect(stream.text).toBe('');
  });

  it('is never mixed into a block that is redrawn', () => {
    const { stream, terminal } = open({ json: true, tty: true, dataTty: true });
    terminal.update({ ...exampleView(), elapsedMs: 1 });
    terminal.update({ ...exampleView(), elapsedMs: 20_000 });
    expect(stream.text).not.toMatch(UP);
  });

  it('says nothing on stdout without being asked', () => {
    const { data, terminal } = open({});
    terminal.event(PHASE);
    expect(data.text).toBe('');
  });
});

describe('the environment', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    [{ TERM: 'dumb' }, true, false],
  ] as [Record<string, string>, boolean, boolean][])(
    '%j on a terminal (%s) gives colour: %s',
    (env, isTTY, expected) => {
      expect(styleOf({ isTTY }, env).enabled).toBe(expected);
    },
  );

  it('is not redrawn in CI, on a dumb terminal or in a file', () => {
    expect(canRedraw({ isTTY: true }, {})).toBe(true);
    expect(canRedraw({ isTTY: true }, { CI: 'true' })).toBe(false);
    expect(canRedraw({ isTTY: true }, { CI: 'false' })).toBe(true);
    expect(canRedraw({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(canRedraw({ isTTY: false }, {})).toBe(false);
  });
});
