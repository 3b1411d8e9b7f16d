/**
 * Text of a server, a step or a scenario, safe to print on a terminal: escape sequences and every other control
 * character are gone, as are the characters that reverse or hide what follows. One line.
 */
export function plainText(text: string): string {
  return withoutSequences(text).replace(MOVES, ' ').replace(HIDES, '');
}

function withoutSequences(text: string): string {
  return text.replace(SEQUENCES, '');
}

/** ECMA-48: control strings (OSC, DCS, ...) with their end, control sequences (CSI), and the short escapes. */
const SEQUENCES =
  /(?:\u001b[PX\]^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0080-\u009f]*(?:\u0007|\u001b\\|\u009c)|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[ -/]*[0-~]/g;
const MOVES = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Zero-width, and bidirectional controls: they can make a log line read as another one. */
const HIDES = /\u200b|\u200e|\u200f|[\u202a-\u202e]|[\u2060-\u2069]|\ufeff/g;

/** Columns the text takes on a terminal; colours take none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(withoutSequences(text))) width += isWide(segment) ? 2 : 1;
  return width;
}

/** The text, cut to `width` columns with an ellipsis. For text without colours: a cut could lose the reset. */
export function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of GRAPHEMES.segment(text)) {
    used += isWide(segment) ? 2 : 1;
    if (used > width) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** Joins parts with a gap, beginning a new line where the next part would pass `width`. */
export function flow(parts: readonly string[], width: number, gap: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line}${gap}${part}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = part;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

function isWide(segment: string): boolean {
  return WIDE.test(segment);
}

/** East Asian wide and full-width blocks, and whatever is drawn as an emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\ufe0f/u;
