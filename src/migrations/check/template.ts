import type { Node } from 'libpg-query';
import { as, strings } from './ast.js';
import { isFault, parseSql } from './parser.js';

/** What an expression makes of strings; what is known at run time only stands in it as a name in quotes. */
export interface Template {
  sql: string;
  /** Nothing in it is left to run time. */
  isWhole: boolean;
  /** Enough of it is written down to be read. */
  isKnown: boolean;
}

/** Reads literals, `||` and `format` of an expression that EXECUTE is given. */
export function templateOf(expression: string): Template {
  const parsed = parseSql(`SELECT ${expression}`);
  const select = isFault(parsed) ? undefined : as(parsed[0]?.node, 'SelectStmt');
  const pieces = piecesOf(as(select?.targetList?.[0], 'ResTarget')?.val);
  return {
    sql: pieces.map(({ text }) => text).join(''),
    isWhole: pieces.every(({ known }) => known),
    isKnown: pieces[0]?.known === true,
  };
}

interface Piece {
  text: string;
  known: boolean;
}

/** A name that no table has. */
export const UNKNOWN_NAME = '(known at run time only)';
const UNKNOWN: Piece = { text: `"${UNKNOWN_NAME}"`, known: false };

function piecesOf(node: Node | undefined): Piece[] {
  const constant = as(node, 'A_Const');
  if (constant?.sval !== undefined) return [{ text: constant.sval.sval ?? '', known: true }];
  if (constant?.ival !== undefined) return [{ text: String(constant.ival.ival ?? 0), known: true }];
  const cast = as(node, 'TypeCast');
  if (cast !== undefined) return piecesOf(cast.arg);
  const operation = as(node, 'A_Expr');
  if (operation !== undefined && strings(operation.name).at(-1) === '||') {
    return [...piecesOf(operation.lexpr), ...piecesOf(operation.rexpr)];
  }
  const call = as(node, 'FuncCall');
  const name = strings(call?.funcname).at(-1);
  if (name === 'format') return formatted(call?.args ?? []);
  if (name === 'concat') return (call?.args ?? []).flatMap(piecesOf);
  if (name === 'quote_literal' || name === 'quote_nullable') return [{ text: `'${UNKNOWN_NAME}'`, known: false }];
  return [UNKNOWN];
}

function formatted([pattern, ...values]: readonly Node[]): Piece[] {
  const template = piecesOf(pattern);
  if (!template.every(({ known }) => known)) return [UNKNOWN];
  const text = template.map((piece) => piece.text).join('');
  const pieces: Piece[] = [];
  let at = 0;
  let next = 0;
  for (const { 0: found, 1: position, 2: kind, index } of text.matchAll(/%(?:(\d+)\$)?-?\d*([sIL%])/g)) {
    pieces.push({ text: text.slice(at, index), known: true });
    at = index + found.length;
    if (position !== undefined) next = Number(position) - 1;
    if (kind === '%') pieces.push({ text: '%', known: true });
    else {
      pieces.push(filled(kind as string, values[next]));
      next += 1;
    }
  }
  return [...pieces, { text: text.slice(at), known: true }];
}

function filled(kind: string, value: Node | undefined): Piece {
  const pieces = piecesOf(value);
  const known = pieces.every((piece) => piece.known);
  const text = pieces.map((piece) => piece.text).join('');
  if (kind === 'L') return { text: `'${(known ? text : UNKNOWN_NAME).replaceAll("'", "''")}'`, known };
  if (!known) return UNKNOWN;
  return { text: kind === 'I' ? `"${text.replaceAll('"', '""')}"` : text, known };
}
