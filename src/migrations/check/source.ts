import { type Scan, scanSql } from './lexer.js';

/** SQL as somebody wrote it, and the name that they know it by. */
export interface SqlSource {
  file: string;
  text: string;
}

/** Indexes of a source's text, the end not included. */
export interface Span {
  start: number;
  end: number;
}

/** A place as people count: both from 1, columns in characters (code points). */
export interface Position {
  line: number;
  column: number;
}

/** A text with its places: indexes of the string, bytes of its UTF-8, lines and columns. */
export class Source {
  readonly file: string;
  /** Without a byte order mark. */
  readonly text: string;
  readonly scan: Scan;
  /** Where each line begins. */
  readonly lineStarts: readonly number[];
  readonly #isAscii: boolean;
  #bytesBefore: Uint32Array | null = null;

  constructor({ file, text }: SqlSource) {
    this.file = file;
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.scan = scanSql(this.text);
    this.lineStarts = lineStartsOf(this.text);
    this.#isAscii = Buffer.byteLength(this.scan.sql) === this.scan.sql.length;
  }

  position(index: number): Position {
    const line = lastAtMost(this.lineStarts, index);
    const before = this.text.slice(this.lineStarts[line] as number, index);
    return { line: line + 1, column: lengthInCharacters(before) + 1 };
  }

  /** The text of a line, from 1, without its break. */
  line(number: number): string {
    const start = this.lineStarts[number - 1];
    if (start === undefined) return '';
    return this.text.slice(start, this.lineStarts[number] ?? this.text.length).replace(/[\r\n]+$/, '');
  }

  /** The index of the byte `offset` of what the parser is given: `scan.sql`. */
  indexOfByte(offset: number): number {
    if (this.#isAscii) return Math.min(Math.max(offset, 0), this.text.length);
    return lastAtMost(this.#bytes(), Math.max(offset, 0));
  }

  /** How many bytes the text before `index` takes. */
  byteOfIndex(index: number): number {
    return this.#isAscii ? index : (this.#bytes()[index] as number);
  }

  #bytes(): Uint32Array {
    if (this.#bytesBefore !== null) return this.#bytesBefore;
    const before = new Uint32Array(this.text.length + 1);
    let bytes = 0;
    for (let index = 0; index < this.text.length; index += 1) {
      before[index] = bytes;
      const unit = this.scan.sql.charCodeAt(index);
      // Each half of a pair takes two of its four bytes.
      bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
    }
    before[this.text.length] = bytes;
    this.#bytesBefore = before;
    return before;
  }
}

export function lengthInCharacters(text: string): number {
  let pairs = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xdc00 && unit < 0xe000) pairs += 1;
  }
  return text.length - pairs;
}

/** The index at which `characters` code points have passed. */
export function indexOfCharacter(text: string, characters: number): number {
  let index = 0;
  for (let passed = 0; passed < characters && index < text.length; passed += 1) {
    index += (text.codePointAt(index) as number) > 0xffff ? 2 : 1;
  }
  return index;
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (const { 0: found, index } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + found.length);
  return starts;
}

/** The place of the last entry of an ascending list that is at most `value`. */
function lastAtMost(list: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
