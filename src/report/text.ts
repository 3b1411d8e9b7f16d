/**
 * Text of a server, a step or a user, made inert for any output: ANSI sequences go, line ends and tabs become a space,
 * and whatever is invisible, reorders text or is not well-formed Unicode is spelled out (`\u202E`).
 */
export function visible(text: string): string {
  return text
    .replace(ANSI, '')
    .replace(/[\t\n\v\f\r]+/g, ' ')
    .replace(HIDDEN, (found) => `\\u${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
}

/** `visible`, cut to `max` characters with an ellipsis. */
export function clip(text: string, max: number): string {
  const shown = visible(text.length > max * 8 ? text.slice(0, max * 8) : text);
  const points = [...shown];
  return points.length > max ? `${points.slice(0, max - 1).join('')}…` : shown;
}
/** Seconds of the run, as the time axis and the deep links write them: `148.3 s`. */
export function atSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Offset from the start of a command: `+0.31 s`. */
export function offset(ms: number): string {
  const seconds = ms / 1000;
  return `${seconds < 0 ? '−' : '+'}${Math.abs(seconds).toFixed(Math.abs(seconds) < 10 ? 2 : 1)} s`;
}

/** Bars of text, one a value; the largest of each stretch survives when there are more values than `width`. */
export function sparkline(values: readonly (number | null)[], width = 60): string {
  const per = Math.max(1, Math.ceil(values.length / width));
  const peaks: (number | null)[] = [];
  for (let i = 0; i < values.length; i += per) {
    const group = values.slice(i, i + per).filter((value) => value !== null);
    peaks.push(group.length === 0 ? null : Math.max(...group));
  }
  const top = Math.max(0, ...peaks.map((peak) => peak ?? 0));
  return peaks.map((peak) => (peak === null ? ' ' : BARS[top === 0 ? 0 : barOf(peak / top)])).join('');
}

const BARS = '▁▂▃▄▅▆▇█';

/** A value above zero is never drawn as zero. */
function barOf(share: number): number {
  return share <= 0 ? 0 : Math.max(1, Math.round(share * (BARS.length - 1)));
}

const ANSI = /[\u001B\u009B](?:\][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)?|[[()#;?]*[0-9;:<=>?]*[ -/]*[@-~])/g;
/** Control, bidirectional, zero-width and separator characters, lone surrogates, and what XML forbids. */
const HIDDEN =
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
