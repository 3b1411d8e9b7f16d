import type { LiveView } from '../../model/live.js';
import { FAILURE_CAUSES } from '../../model/outcome.js';
import { formatCount } from '../../model/units.js';
import { sparkline } from './sparkline.js';
import type { Style } from './style.js';
import { clip, displayWidth, flow, plainText } from './text.js';

/** The live view as lines of at most `width` columns. Pure; text of the target and the scenario is made safe here. */
export function renderLive(view: LiveView, width: number, style: Style): string[] {
  const room = Math.max(20, width);
  return [
    ...head(view, room, style),
    ...indented(flow(view.steps.map(stepText), room - 1, '  '), room).map((line) => colorSteps(line, style)),
    ...activity(view, room),
    ...indented(flow(counters(view), room - 1, '   '), room).map((line) => colorCounts(line, view, style)),
    ...trends(view, room, style),
    ...foot(view, room, style),
  ];
}

/** `2:31`, `1:02:31` from the run's milliseconds, zero-padded to two digits of minutes. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = `${two(minutes)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** One line for a log: where the run is, and what it counted so far. */
export function progressText(view: LiveView): string {
  const running = view.steps.find((step) => step.state === 'running');
  const where = running ? `${plainText(running.name)}: ${plainText(view.activity)}` : plainText(view.activity);
  const last = view.lastFailure === null ? '' : `  last failure: ${plainText(view.lastFailure)}`;
  return `${clockText(view.elapsedMs)}  ${where}  ${counters(view).join('  ')}${last}`;
}

export const STATE_MARKS: Record<LiveView['steps'][number]['state'], string> = {
  waiting: '○',
  running: '▶',
  ok: '✓',
  failed: '✗',
  timeout: '✗',
  'not-ready': '✗',
  stopped: '■',
  'not-reached': '–',
  skipped: '–',
};

function head(view: LiveView, width: number, style: Style): string[] {
  const expected = view.expectedMs === null ? '' : ` / ~${clockText(view.expectedMs)}`;
  const right = `${clockText(view.elapsedMs)}${expected}   ${view.ratePerSec.toFixed(1)}/s (lag ${lag(view.latenessMs)})`;
  const name = ' zdd-verify  ';
  const title = `${plainText(view.scenario)} -> ${plainText(view.target)}`;
  const rest = width - name.length - right.length - 3;
  // On a narrow terminal the time keeps a line of its own instead of losing the target.
  if (rest < Math.min(displayWidth(title), 30)) {
    return [style.bold(name) + clip(title, width - name.length), clip(` ${right}`, width)];
  }
  const shown = clip(title, rest);
  return [style.bold(name) + shown + ' '.repeat(width - name.length - displayWidth(shown) - right.length) + right];
}

function msText(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}

function lag(ms: number): string {
  return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
}

function stepText(step: LiveView['steps'][number]): string {
  const name = clip(plainText(step.name), 24);
  return step.state === 'waiting' || step.state === 'not-reached' || step.state === 'skipped'
    ? `${STATE_MARKS[step.state]} ${name}`
    : `${STATE_MARKS[step.state]} ${name} ${(step.ms / 1000).toFixed(1)}s`;
}

function colorSteps(line: string, style: Style): string {
  return line
    .replaceAll('✓', style.green('✓'))
    .replaceAll('✗', style.red('✗'))
    .replaceAll('■', style.yellow('■'))
    .replaceAll('▶', style.cyan('▶'));
}

function activity(view: LiveView, width: number): string[] {
  const running = view.steps.find((step) => step.state === 'running');
  const where = running ? `${plainText(running.name)} › ` : '';
  return [clip(`   ${where}${plainText(view.activity)}`, width)];
}

/** The counters every run shows; the other kinds of failure appear with their first one. */
const ALWAYS_SHOWN = ['reset', 'refused', 'timeout'];

function counters(view: LiveView): string[] {
  const { counts } = view;
  const rare = Object.keys(counts.byError).filter((kind) => !ALWAYS_SHOWN.includes(kind) && counts.byError[kind]);
  const kinds = [...ALWAYS_SHOWN, ...rare].map(
    (kind) => `${plainText(kind)} ${formatCount(counts.byError[kind] ?? 0)}`,
  );
  return [
    `requests ${formatCount(counts.requests)}`,
    `ok ${formatCount(counts.ok)}`,
    `failed ${formatCount(counts.failed)}`,
    ...kinds,
    ...(counts.probeFaults > 0 ? [`probe-faults ${formatCount(counts.probeFaults)}`] : []),
    ...(counts.blocked > 0 ? [`blocked ${formatCount(counts.blocked)}`] : []),
    ...(counts.retryable > 0 ? [`retryable ${formatCount(counts.retryable)}`] : []),
    `unsent ${formatCount(counts.unsent)}`,
  ];
}

const HARMED = new RegExp(`\\b(?:failed|probe-faults|${FAILURE_CAUSES.join('|')}) [1-9][\\d,]*`, 'g');

function colorCounts(line: string, view: LiveView, style: Style): string {
  const harmed = line.replace(HARMED, (text) => style.red(text));
  const doubtful = view.counts.unsent > 0 ? /\b(?:blocked|unsent) [\d,]+/g : /\bblocked [\d,]+/g;
  return harmed.replace(doubtful, (text) => style.yellow(text));
}

function trends(view: LiveView, width: number, style: Style): string[] {
  const label = 9;
  const now = view.p99PerSecond.findLast((ms) => ms !== null);
  const limit = view.p99LimitMs === null ? '' : `  limit ${msText(view.p99LimitMs)}`;
  const after = now === undefined || now === null ? '' : `   now ${msText(now)}${limit}`;
  const room = Math.max(1, width - label - 14 - limit.length);
  const failures = sparkline(view.failuresPerSecond, room);
  const anyFailed = view.failuresPerSecond.slice(-room).some((count) => count > 0);
  return [
    ` fail/s  ${anyFailed ? style.red(failures) : failures}`,
    clip(` p99 ms  ${sparkline(view.p99PerSecond, room)}${after}`, width),
  ];
}

function foot(view: LiveView, width: number, style: Style): string[] {
  const help = `Ctrl-C: ${plainText(view.onInterrupt)}, report, exit 130`;
  if (view.lastFailure === null) return [style.dim(clip(` ${help}`, width))];
  const failure = ` ✗ ${plainText(view.lastFailure)}`;
  const gap = width - displayWidth(failure) - help.length;
  if (gap >= 2) return [style.red(failure) + ' '.repeat(gap) + style.dim(help)];
  return [style.red(clip(failure, width)), style.dim(clip(` ${help}`, width))];
}

function indented(lines: readonly string[], width: number): string[] {
  return lines.map((line) => clip(` ${line}`, width));
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
