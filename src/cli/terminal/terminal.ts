import type { RunEvent } from '../../model/event.js';
import type { LiveView } from '../../model/live.js';
import { eventText } from './event-text.js';
import { progressText, renderLive } from './live.js';
import { Redraw, type Screen } from './redraw.js';
import { canRedraw, styleOf } from './style.js';

/** What a run shows while it goes on. Nothing here throws for what the run did, and nothing here is the record. */
export interface Terminal {
  /** The newest view; drawn at most four times a second of the run's own time. */
  update(view: LiveView): void;
  /** A sentence for the person who watches. May hold colours: the caller makes foreign text safe. */
  line(text: string): void;
  /** An event of the run: ndjson on stdout with `json`; a line for a step's beginning and end where nothing is redrawn. */
  event(event: RunEvent): void;
  /** The end: removes the live view and writes the summary. The only thing that `quiet` lets through. */
  finish(lines: readonly string[]): void;
  /** Gives the terminal back as it was; safe to call twice and after `finish`. */
  close(): void;
}

export interface TerminalOptions {
  /** Where people look: stderr. */
  stream: Screen;
  /** Where programs look: stdout; only written to with `json`. */
  data: { write(text: string): unknown; isTTY?: boolean | undefined };
  env: Readonly<Record<string, string | undefined>>;
  quiet: boolean;
  json: boolean;
}

/** The view that fits the stream: redrawn on a terminal, lines in a log, silent with `quiet`. */
export function createTerminal(options: TerminalOptions): Terminal {
  const { stream, data, env, quiet, json } = options;
  // Two streams on one screen cannot be redrawn: ndjson would land in the middle of the block.
  const redrawn = canRedraw(stream, env) && !(json && data.isTTY === true);
  const view = quiet ? silent(stream) : redrawn ? liveView(stream, env) : lineView(stream, env);
  if (!json) return view;
  return {
    ...view,
    event: (event) => {
      data.write(`${JSON.stringify(event)}\n`);
      view.event(event);
    },
  };
}

const REDRAW_EVERY_MS = 250;
const LINE_EVERY_MS = 10_000;

function silent(stream: Screen): Terminal {
  return {
    update: () => {},
    line: () => {},
    event: () => {},
    finish: (lines) => writeLines(stream, lines),
    close: () => {},
  };
}

function liveView(stream: Screen, env: TerminalOptions['env']): Terminal {
  const style = styleOf(stream, env);
  const block = new Redraw(stream);
  let latest: LiveView | null = null;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let closed = false;
  const draw = () => {
    if (latest !== null) block.draw(renderLive(latest, block.width, style));
  };
  stream.on('resize', draw);
  const close = () => {
    stream.off('resize', draw);
    closed = true;
    latest = null;
    block.end();
  };
  return {
    update: (view) => {
      if (closed) return;
      latest = view;
      if (view.elapsedMs - drawnAt < REDRAW_EVERY_MS) return;
      drawnAt = view.elapsedMs;
      draw();
    },
    line: (text) => block.above(text),
    event: (event) => {
      // Steps are in the block; what changed the release's course stays on the screen.
      if (event.type !== 'decision' && event.type !== 'note') return;
      const text = eventText(event, style);
      if (text !== null) block.above(text);
    },
    finish: (lines) => {
      close();
      writeLines(stream, lines);
    },
    close,
  };
}

function lineView(stream: Screen, env: TerminalOptions['env']): Terminal {
  const style = styleOf(stream, env);
  let shownAt = 0;
  let failed = false;
  return {
    update: (view) => {
      const firstFailure = !failed && view.lastFailure !== null;
      if (view.elapsedMs - shownAt < LINE_EVERY_MS && !firstFailure) return;
      shownAt = view.elapsedMs;
      failed ||= firstFailure;
      writeLines(stream, [progressText(view)]);
    },
    line: (text) => writeLines(stream, [text]),
    event: (event) => {
      const text = eventText(event, style);
      if (text !== null) writeLines(stream, [text]);
    },
    finish: (lines) => writeLines(stream, lines),
    close: () => {},
  };
}

function writeLines(stream: Screen, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(lines.map((line) => `${line}\n`).join(''));
}
