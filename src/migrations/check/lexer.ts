/** What the text of an SQL file is made of, as far as it can be told without a grammar. Places are indexes of the text. */
export interface Scan {
  /** The text with everything that is not SQL (psql's own commands, data of COPY) replaced by spaces; as long as before. */
  sql: string;
  comments: SqlComment[];
  /** Of each `;` that ends a statement. */
  ends: number[];
  /** Of each comma that stands in no brackets. */
  commas: number[];
  /** psql's own commands. */
  commands: PsqlCommand[];
}

export interface SqlComment {
  start: number;
  end: number;
  /** Without the marks around it. */
  text: string;
}

export interface PsqlCommand {
  start: number;
  end: number;
  /** With its backslash: `\i`. */
  name: string;
}

/** Reads the text once, from front to back; never fails: a quote without an end reaches to the end of the text. */
export function scanSql(text: string): Scan {
  return new Scanner(text).scan();
}

/** Where code begins: the first place at or after `from` that is neither blank nor in a comment. */
export function firstCode({ sql, comments }: Scan, from: number): number {
  let at = from;
  for (;;) {
    while (at < sql.length && isBlank(sql[at])) at += 1;
    const comment = commentAt(comments, at);
    if (comment === undefined) return at;
    at = comment.end;
  }
}

/** Where code ends: the place after the last one before `to` that is neither blank nor in a comment. */
export function lastCode({ sql, comments }: Scan, from: number, to: number): number {
  let at = to;
  for (;;) {
    while (at > from && isBlank(sql[at - 1])) at -= 1;
    const comment = at > from ? commentAt(comments, at - 1) : undefined;
    if (comment === undefined || comment.start < from) return at;
    at = comment.start;
  }
}

function commentAt(comments: readonly SqlComment[], at: number): SqlComment | undefined {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle] as SqlComment).end <= at) low = middle + 1;
    else high = middle;
  }
  const found = comments[low];
  return found !== undefined && found.start <= at ? found : undefined;
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t' || char === '\f' || char === '\v';
}

/** After these of its commands psql sends what was read so far. */
const SENDS = /^\\(?:g|gx|gexec|gset|gdesc|crosstabview|watch|bind)$/;
const COPIES = /^\s*copy\b[\s\S]*\bfrom\s+stdin\b/i;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const END_OF_DATA = /^\\\.[ \t]*$/m;

class Scanner {
  readonly #text: string;
  readonly #scan: Scan;
  readonly #blanks: [start: number, end: number][] = [];
  #at = 0;
  #depth = 0;
  #statementAt = 0;

  constructor(text: string) {
    this.#text = text;
    this.#scan = { sql: text, comments: [], ends: [], commas: [], commands: [] };
  }

  scan(): Scan {
    while (this.#at < this.#text.length) this.#step();
    this.#scan.sql = this.#blanked();
    return this.#scan;
  }

  #step(): void {
    const text = this.#text;
    const char = text[this.#at] as string;
    const next = text[this.#at + 1];
    if (char === '-' && next === '-') this.#lineComment();
    else if (char === '/' && next === '*') this.#blockComment();
    else if (char === "'") this.#quoted("'", false);
    else if (char === '"') this.#quoted('"', false);
    else if (char === '$') this.#dollar();
    else if (char === '\\') this.#psqlCommand();
    else if (char === ';' && this.#depth === 0) this.#endStatement(this.#at);
    else if (isWordStart(char)) this.#word();
    else {
      if (char === '(' || char === '[') this.#depth += 1;
      if (char === ')' || char === ']') this.#depth = Math.max(0, this.#depth - 1);
      if (char === ',' && this.#depth === 0) this.#scan.commas.push(this.#at);
      this.#at += 1;
    }
  }

  #lineComment(): void {
    const start = this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '\n' && this.#text[this.#at] !== '\r')
      this.#at += 1;
    this.#scan.comments.push({ start, end: this.#at, text: this.#text.slice(start + 2, this.#at) });
  }

  /** They nest. */
  #blockComment(): void {
    const start = this.#at;
    let depth = 0;
    do {
      const two = this.#text.slice(this.#at, this.#at + 2);
      if (two === '/*') depth += 1;
      if (two === '*/') depth -= 1;
      this.#at += two === '/*' || two === '*/' ? 2 : 1;
    } while (depth > 0 && this.#at < this.#text.length);
    this.#scan.comments.push({ start, end: this.#at, text: this.#text.slice(start + 2, this.#at - 2) });
  }

  /** A doubled quote is read as two strings side by side, which ends at the same place. */
  #quoted(quote: string, escapes: boolean): void {
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote) {
      this.#at += escapes && this.#text[this.#at] === '\\' ? 2 : 1;
    }
    this.#at = Math.min(this.#at + 1, this.#text.length);
    if (escapes && this.#text[this.#at] === quote) this.#quoted(quote, true);
  }

  #dollar(): void {
    DOLLAR_QUOTE.lastIndex = this.#at;
    const tag = DOLLAR_QUOTE.exec(this.#text)?.[0];
    if (tag === undefined) {
      this.#at += 1;
      return;
    }
    const end = this.#text.indexOf(tag, this.#at + tag.length);
    this.#at = end === -1 ? this.#text.length : end + tag.length;
  }

  /** A `$` inside a word begins no quote, and a lone E before a quote makes its backslashes escapes. */
  #word(): void {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0] ?? (this.#text[this.#at] as string);
    this.#at += word.length;
    if (this.#text[this.#at] === "'" && /^e$/i.test(word)) this.#quoted("'", true);
  }

  #psqlCommand(): void {
    const start = this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '\n' && this.#text[this.#at] !== '\r')
      this.#at += 1;
    const name = /^\\\S*/.exec(this.#text.slice(start, this.#at))?.[0] ?? '\\';
    this.#scan.commands.push({ start, end: this.#at, name });
    this.#blanks.push([start, this.#at]);
    if (SENDS.test(name)) this.#endStatement(start, this.#at);
  }

  #endStatement(end: number, next = end + 1): void {
    const statement = this.#text.slice(this.#statementAt, end);
    this.#scan.ends.push(end);
    this.#at = next;
    this.#depth = 0;
    if (COPIES.test(statement)) this.#copiedData();
    this.#statementAt = this.#at;
  }

  #copiedData(): void {
    const rest = this.#text.slice(this.#at);
    const end = END_OF_DATA.exec(rest);
    const stop = this.#at + (end === null ? rest.length : end.index + end[0].length);
    this.#blanks.push([this.#at, stop]);
    this.#at = stop;
  }

  /** Line breaks stay, so that every place keeps its line; a command that sends becomes the `;` that it stands for. */
  #blanked(): string {
    if (this.#blanks.length === 0) return this.#text;
    const parts: string[] = [];
    const sends = new Set(this.#scan.ends);
    let at = 0;
    for (const [start, end] of this.#blanks) {
      const blank = this.#text.slice(start, end).replace(/[^\n\r]/g, ' ');
      parts.push(this.#text.slice(at, start), sends.has(start) ? `;${blank.slice(1)}` : blank);
      at = end;
    }
    return [...parts, this.#text.slice(at)].join('');
  }
}

function isWordStart(char: string): boolean {
  return /[A-Za-z_\u0080-\uffff]/.test(char);
}
