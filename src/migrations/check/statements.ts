import type { Node } from 'libpg-query';
import { firstCode, lastCode, type Scan } from './lexer.js';
import { isFault, type ParseFault, parseSql } from './parser.js';
import { indexOfCharacter, type Source, type Span } from './source.js';

/** One statement with its place. */
export interface Statement {
  source: Source;
  node: Node;
  span: Span;
  /** The index in the source of a place that the parser names. */
  at(location: number | undefined): number;
  /** The parts between commas that stand in no brackets; the first begins where the statement does. */
  parts(): Span[];
  /** The block it stands in; null for a statement of the file itself. */
  block: Block | null;
  /** It was put together of parts that are known at run time only; they stand in it as names. */
  isTemplate: boolean;
  /** What runs inside it and cannot be read. */
  opaque: readonly { span: Span; why: string }[];
}

/** A DO block around statements. */
export interface Block {
  span: Span;
  /** Whether the statement is repeated. */
  inLoop: boolean;
  /** Whether the innermost loop around it, or the block, ends transactions by COMMIT. */
  commits: boolean;
}

/** Where a statement cannot be read. */
export interface SyntaxFault {
  source: Source;
  message: string;
  /** The place that the parser stopped at. */
  at: number;
  /** The statement that it stands in. */
  span: Span;
}

/** The statements of a source. One that cannot be read hides none of the others. */
export function statementsOf(source: Source): { statements: Statement[]; faults: SyntaxFault[] } {
  const whole = parseSql(source.scan.sql);
  if (!isFault(whole)) {
    return { statements: whole.map((parsed) => statement(source, parsed, 0)), faults: [] };
  }
  const statements: Statement[] = [];
  const faults: SyntaxFault[] = [];
  let start = 0;
  for (const end of [...source.scan.ends, source.scan.sql.length]) {
    const piece = parseSql(source.scan.sql.slice(start, end));
    if (isFault(piece)) faults.push(faultIn(source, piece, start, end));
    else statements.push(...piece.map((parsed) => statement(source, parsed, source.byteOfIndex(start))));
    start = end + 1;
  }
  return { statements, faults };
}

type Piece = Exclude<ReturnType<typeof parseSql>, ParseFault>[number];

function statement(source: Source, { node, at, length }: Piece, offset: number): Statement {
  const from = firstCode(source.scan, source.indexOfByte(offset + at));
  const to = length === null ? source.scan.ends.find((end) => end >= from) : source.indexOfByte(offset + at + length);
  const span = { start: from, end: lastCode(source.scan, from, to ?? source.scan.sql.length) };
  return {
    source,
    node,
    span,
    at: (location) => source.indexOfByte(offset + (location ?? 0)),
    parts: () => partsOf(source.scan, span),
    block: null,
    isTemplate: false,
    opaque: [],
  };
}

/** The parts of a stretch of what was scanned. */
export function partsOf(scan: Scan, span: Span): Span[] {
  const from = firstAfter(scan.commas, span.start);
  const to = firstAfter(scan.commas, span.end - 1);
  const commas = scan.commas.slice(from, to);
  return [span.start - 1, ...commas].map((comma, index) => {
    const end = commas[index] ?? span.end;
    return { start: firstCode(scan, comma + 1), end: lastCode(scan, comma + 1, end) };
  });
}

/** The place of the first entry of an ascending list that is greater than `value`. */
function firstAfter(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function faultIn(source: Source, { message, character }: ParseFault, start: number, end: number): SyntaxFault {
  const text = source.scan.sql.slice(start, end);
  const from = firstCode(source.scan, start);
  const span = { start: from, end: Math.max(from, lastCode(source.scan, from, end)) };
  const at = start + indexOfCharacter(text, character);
  return { source, message, at: Math.min(Math.max(at, span.start), Math.max(span.end - 1, span.start)), span };
}
