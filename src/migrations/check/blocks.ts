import type { Node } from 'libpg-query';
import { as } from './ast.js';
import { scanSql } from './lexer.js';
import { isFault, parseBlock, parseSql } from './parser.js';
import type { Span } from './source.js';
import { type Block, partsOf, type Statement } from './statements.js';
import { templateOf } from './template.js';

/** The statements with those that run inside their DO blocks after them. */
export function withBlocks(statements: readonly Statement[]): Statement[] {
  return statements.flatMap((statement) => {
    const block = as(statement.node, 'DoStmt');
    return block === undefined ? statement : new BlockReader(statement, block.args ?? []).read();
  });
}

/** A node of the tree of PL/pgSQL. */
type Tree = Record<string, unknown>;

interface Around {
  inLoop: boolean;
  commits: boolean;
}

class BlockReader {
  readonly #statement: Statement;
  readonly #body: string;
  /** Where the body begins in the source; null where its quoting does not let places be told. */
  readonly #bodyAt: number | null;
  readonly #language: string;
  readonly #found: Statement[] = [];
  readonly #opaque: { span: Span; why: string }[] = [];
  readonly #lines: number[] = [0];
  #searchFrom = 0;

  constructor(statement: Statement, args: readonly Node[]) {
    this.#statement = statement;
    const options = args.flatMap((node) => as(node, 'DefElem') ?? []);
    const body = options.find(({ defname }) => defname === 'as');
    this.#body = as(body?.arg, 'String')?.sval ?? '';
    this.#language = as(options.find(({ defname }) => defname === 'language')?.arg, 'String')?.sval ?? 'plpgsql';
    const { text } = statement.source;
    const quoted = body === undefined ? -1 : text.indexOf(this.#body, statement.at(body.location));
    this.#bodyAt = quoted === -1 || quoted + this.#body.length > statement.span.end ? null : quoted;
    for (const { index } of this.#body.matchAll(/\n/g)) this.#lines.push(index + 1);
  }

  /** The block itself, with what cannot be read in it, and its statements. */
  read(): Statement[] {
    if (this.#language.toLowerCase() === 'plpgsql') {
      const { source, span } = this.#statement;
      const tree = parseBlock(source.scan.sql.slice(span.start, span.end));
      if (isFault(tree)) this.#hide(this.#statement.span, `its body cannot be read: ${tree.message}`);
      else this.#walk(tree, { inLoop: false, commits: commitsBelow(tree) });
    } else this.#hide(this.#statement.span, `its language is ${this.#language}`);
    return [{ ...this.#statement, opaque: this.#opaque }, ...this.#found];
  }

  #walk(tree: unknown, around: Around): void {
    if (Array.isArray(tree)) {
      for (const each of tree) this.#walk(each, around);
      return;
    }
    if (typeof tree !== 'object' || tree === null) return;
    for (const [kind, value] of Object.entries(tree as Tree)) {
      if (kind.startsWith('PLpgSQL_stmt_'))
        this.#statementOf(kind.slice('PLpgSQL_stmt_'.length), value as Tree, around);
      else this.#walk(value, around);
    }
  }

  #statementOf(kind: string, tree: Tree, around: Around): void {
    const line = (tree.lineno as number | undefined) ?? 1;
    const query = queryOf(tree.sqlstmt ?? tree.expr ?? tree.query);
    if (kind === 'execsql' || kind === 'call') this.#add(query, line, around);
    if (kind === 'perform') this.#add(query.replace(/^SELECT/, 'PERFORM'), line, around, query);
    if (kind === 'dynexecute' || kind === 'dynfors') this.#execute(query, line, around);
    const isLoop = /^(?:loop|while|for[a-z]*|dynfors)$/.test(kind);
    const inner = isLoop ? { inLoop: true, commits: commitsBelow(tree.body) } : around;
    for (const [key, value] of Object.entries(tree)) {
      if (!['sqlstmt', 'expr', 'query', 'cond', 'var', 'target'].includes(key)) this.#walk(value, inner);
    }
  }

  /** A statement as it is written in the block. `sql` is what runs where that differs from what is written. */
  #add(written: string, line: number, around: Around, sql = written): void {
    const parsed = parseSql(sql);
    const span = this.#find(written, line);
    if (isFault(parsed)) {
      this.#hide(span.place, `a statement cannot be read: ${parsed.message}`);
      return;
    }
    const { source } = this.#statement;
    const base = source.byteOfIndex(span.place.start) + Buffer.byteLength(written) - Buffer.byteLength(sql);
    for (const { node } of parsed) {
      this.#found.push({
        ...this.#nested(around, span.place),
        node,
        at: (location) => (span.exact ? source.indexOfByte(base + (location ?? 0)) : span.place.start),
        parts: () => (span.exact ? moved(partsOf(scanSql(written), whole(written)), span.place.start) : [span.place]),
      });
    }
  }

  /** EXECUTE: what it is given is read as far as it is written there. */
  #execute(expression: string, line: number, around: Around): void {
    const { place } = this.#find(expression, line);
    const template = templateOf(expression);
    const parsed = template.isKnown ? parseSql(template.sql) : [];
    if (isFault(parsed) || !template.isWhole) {
      this.#hide(place, 'EXECUTE runs a statement that is put together at run time');
    }
    if (isFault(parsed)) return;
    for (const { node } of parsed) {
      const nested = this.#nested(around, place);
      this.#found.push({ ...nested, node, at: () => place.start, parts: () => [place], isTemplate: !template.isWhole });
    }
  }

  #nested({ inLoop, commits }: Around, span: Span): Omit<Statement, 'node' | 'at' | 'parts'> {
    const block: Block = { span: this.#statement.span, inLoop, commits };
    return { source: this.#statement.source, span, block, isTemplate: false, opaque: [] };
  }

  #hide(span: Span, why: string): void {
    this.#opaque.push({ span, why });
  }

  /** Where a piece of the body stands, looked for from its line on; its line where it is not written the same way. */
  #find(text: string, line: number): { place: Span; exact: boolean } {
    if (this.#bodyAt === null) return { place: this.#statement.span, exact: false };
    const lineAt = this.#lines[line - 1] ?? 0;
    const from = Math.max(lineAt, this.#searchFrom);
    const found = text === '' ? -1 : this.#body.toLowerCase().indexOf(text.toLowerCase(), from);
    if (found !== -1) {
      this.#searchFrom = found + text.length;
      return { place: { start: this.#bodyAt + found, end: this.#bodyAt + found + text.length }, exact: true };
    }
    const lineText = this.#body.slice(lineAt, this.#lines[line] ?? this.#body.length);
    const start = this.#bodyAt + lineAt + (lineText.length - lineText.trimStart().length);
    return { place: { start, end: Math.max(start + 1, start + lineText.trim().length) }, exact: false };
  }
}

function queryOf(expression: unknown): string {
  const { PLpgSQL_expr: inner } = (expression ?? {}) as { PLpgSQL_expr?: { query?: string } };
  return inner?.query ?? '';
}

function commitsBelow(tree: unknown): boolean {
  return JSON.stringify(tree ?? null).includes('"PLpgSQL_stmt_commit"');
}

function whole(text: string): Span {
  return { start: 0, end: text.length };
}

function moved(spans: readonly Span[], by: number): Span[] {
  return spans.map(({ start, end }) => ({ start: start + by, end: end + by }));
}
