import { ZddError } from '../../model/errors.js';
import { Source } from '../check/source.js';
import type { OldQuery, TraceSql } from './options.js';
import { statementsIn } from './work.js';

const MAX_QUERIES = 2000;
const SHAPES = 'a list of strings or of { "id": ..., "sql": ... }, or one of them a line';

/** Queries of a release: SQL with one statement after the other, or JSON. */
export async function readQueries(file: TraceSql): Promise<OldQuery[]> {
  const queries = isJson(file) ? queriesOfJson(file) : await queriesOfSql(file);
  if (queries.length > MAX_QUERIES) {
    throw new ZddError('USAGE', `${file.file}: ${queries.length} queries; at most ${MAX_QUERIES} are run`, {
      hint: 'one of each kind is enough, with $1 in the place of its values',
    });
  }
  return queries;
}

function isJson({ file, text }: TraceSql): boolean {
  return /\.(?:json|jsonl|ndjson)$/i.test(file) || /^\s*[[{"]/.test(text);
}

async function queriesOfSql(file: TraceSql): Promise<OldQuery[]> {
  return (await statementsIn(file)).map(({ text }) => ({ id: null, sql: text }));
}

function queriesOfJson({ file, text }: TraceSql): OldQuery[] {
  const whole = parsed(text);
  if (!(whole instanceof SyntaxError)) {
    const list = Array.isArray(whole) ? whole : [whole];
    return list.map((each, index) => queryOf(each, `${file}: entry ${index + 1}`));
  }
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const value = parsed(line);
    if (value instanceof SyntaxError) {
      // The whole text is at fault where its first line already is.
      const { line: at, column } = index === 0 ? placeOf(file, text, whole) : { line: index + 1, column: 1 };
      throw new ZddError('USAGE', `${file}:${at}:${column}: this is no JSON: ${value.message}`, {
        hint: `expected ${SHAPES}`,
      });
    }
    return queryOf(value, `${file}:${index + 1}:1`);
  });
}

function queryOf(value: unknown, place: string): OldQuery {
  if (typeof value === 'string' && value.trim() !== '') return { id: null, sql: value };
  const { id = null, sql } = (typeof value === 'object' && value !== null ? value : {}) as {
    id?: unknown;
    sql?: unknown;
  };
  if (typeof sql === 'string' && sql.trim() !== '' && (id === null || ['string', 'number'].includes(typeof id))) {
    return { id: id === null ? null : String(id), sql };
  }
  throw new ZddError('USAGE', `${place}: expected a query, got ${JSON.stringify(value).slice(0, 80)}`, {
    hint: `expected ${SHAPES}`,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error as SyntaxError;
  }
}

/** The engine names the place by the number of a character, if at all. */
function placeOf(file: string, text: string, { message }: SyntaxError): { line: number; column: number } {
  const at = /position (\d+)/.exec(message)?.[1];
  return at === undefined ? { line: 1, column: 1 } : new Source({ file, text }).position(Number(at));
}
