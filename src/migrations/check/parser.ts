import { createRequire } from 'node:module';
import type { Node } from 'libpg-query';

type Library = typeof import('libpg-query');

let library: Library | null = null;

/** Makes the parser ready; it is a module of a few megabytes, so only a check that is asked for loads it. */
export async function loadParser(): Promise<void> {
  if (library !== null) return;
  const loaded = createRequire(import.meta.url)('libpg-query') as Library;
  await loaded.loadModule();
  library = loaded;
}

/** A statement as the parser gives it: places are bytes of the text that was parsed. */
export interface Parsed {
  node: Node;
  at: number;
  /** Null: up to the end of the text. */
  length: number | null;
}

export interface ParseFault {
  message: string;
  /** In characters (code points) of the text that was parsed. */
  character: number;
}

/** Parses SQL by the grammar of PostgreSQL itself. */
export function parseSql(sql: string): Parsed[] | ParseFault {
  if (sql.trim() === '') return [];
  try {
    return (ready().parseSync(sql).stmts ?? []).flatMap(({ stmt, stmt_location = 0, stmt_len }) =>
      stmt === undefined ? [] : { node: stmt, at: stmt_location, length: stmt_len ?? null },
    );
  } catch (error) {
    return faultOf(error);
  }
}

/** The tree of a DO block; its shape has no types of its own. */
export function parseBlock(statement: string): unknown {
  try {
    const parsed = ready().parsePlPgSQLSync(statement) as {
      plpgsql_funcs?: { PLpgSQL_function?: { action?: unknown } }[];
    };
    return parsed.plpgsql_funcs?.[0]?.PLpgSQL_function?.action ?? faultOf(new Error('it has no body'));
  } catch (error) {
    return faultOf(error);
  }
}

export function isFault(value: unknown): value is ParseFault {
  return typeof value === 'object' && value !== null && 'message' in value && 'character' in value;
}

function faultOf(error: unknown): ParseFault {
  const { message, sqlDetails } = error as Error & { sqlDetails?: { message: string; cursorPosition: number } };
  return { message: sqlDetails?.message ?? message, character: sqlDetails?.cursorPosition ?? 0 };
}

function ready(): Library {
  if (library === null) throw new Error('The parser is used before it is loaded.');
  return library;
}
