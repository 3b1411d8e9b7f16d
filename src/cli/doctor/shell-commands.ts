/** One command of a shell script: its words without quotes. A part that only the shell can know stands as `$`. */
export type ShellCommand = string[];

export interface ShellText {
  commands: ShellCommand[];
  /** Functions that the script defines. */
  functions: Set<string>;
}

/**
 * The commands of a shell script in the order in which they stand, also those of substitutions and of branches that may
 * never be taken. It reads quotes, comments, here-documents, `case` patterns and redirections; it is no shell.
 */
export function readShell(script: string): ShellText {
  const reader = new Reader(script);
  reader.read(null);
  return { commands: reader.commands, functions: reader.functions };
}

const KEYWORDS = new Set([
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'while',
  'until',
  'do',
  'done',
  '!',
  '{',
  '}',
  'time',
  'esac',
]);
/** Words after these are names and values, no commands. */
const LOOPS = new Set(['for', 'select', 'case', 'function']);

class Reader {
  readonly commands: ShellCommand[] = [];
  readonly functions = new Set<string>();
  readonly #text: string;
  #at = 0;
  #words: string[] = [];
  #word: string | null = null;
  /** The next word is the target of a redirection. */
  #target = false;
  /** Delimiters of here-documents that begin on the next line. */
  #hereDocuments: string[] = [];
  #cases = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads up to the end, or up to the parenthesis that closes what is read. */
  read(closing: ')' | null): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] as string;
      const next = this.#text[this.#at + 1];
      if (char === '\\') this.#escape(next);
      else if (char === "'") this.#single();
      else if (char === '"') this.#double();
      else if (char === '$' || char === '`') this.#expansion();
      else if (char === '#' && this.#word === null) this.#skipLine();
      else if (char === '<' || char === '>') this.#redirection();
      else if (char === '\n') this.#newline();
      else if (char === ' ' || char === '\t' || char === '\r') this.#step(() => this.#endWord());
      else if (char === ';' || char === '&' || char === '|') this.#separator(char, next);
      else if (char === '(') {
        if (this.#opens()) depth += 1;
      } else if (char === ')') {
        this.#step(() => this.#endCommand());
        if (closing === ')' && depth === 0) return;
        depth -= 1;
      } else this.#step(() => this.#add(char));
    }
    this.#endCommand();
  }

  #step(act: () => void): void {
    this.#at += 1;
    act();
  }

  #add(text: string): void {
    this.#word = (this.#word ?? '') + text;
  }

  #escape(next: string | undefined): void {
    this.#at += 2;
    if (next !== undefined && next !== '\n') this.#add(next);
  }

  #single(): void {
    const end = this.#text.indexOf("'", this.#at + 1);
    this.#add(this.#text.slice(this.#at + 1, end < 0 ? undefined : end));
    this.#at = end < 0 ? this.#text.length : end + 1;
  }

  #double(): void {
    this.#at += 1;
    this.#add('');
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      const char = this.#text[this.#at] as string;
      if (char === '\\') this.#escape(this.#text[this.#at + 1]);
      else if (char === '$' || char === '`') this.#expansion();
      else this.#step(() => this.#add(char));
    }
    this.#at += 1;
  }

  /** `$NAME`, `${...}`, `$((...))`, `$(...)` and backquotes: what they give is not known. */
  #expansion(): void {
    this.#add('$');
    if (this.#text.startsWith('$((', this.#at)) this.#at = this.#past('((', '))');
    else if (this.#text.startsWith('$(', this.#at)) this.#substitution(2);
    else if (this.#text.startsWith('${', this.#at)) this.#at = this.#past('{', '}');
    else if (this.#text[this.#at] === '`') {
      const end = this.#text.indexOf('`', this.#at + 1);
      this.#at = end < 0 ? this.#text.length : end + 1;
    } else this.#at += 1 + (/^(?:\w+|[?$!#*@-])/.exec(this.#text.slice(this.#at + 1, this.#at + 200))?.[0].length ?? 0);
  }

  /** Commands inside of one: read by a reader of their own. */
  #substitution(length: number): void {
    const inner = new Reader(this.#text);
    inner.#at = this.#at + length;
    inner.read(')');
    this.commands.push(...inner.commands);
    this.#at = inner.#at;
  }

  #past(open: string, close: string): number {
    let depth = 0;
    for (let at = this.#at; at < this.#text.length; at += 1) {
      if (this.#text.startsWith(close, at)) {
        depth -= 1;
        at += close.length - 1;
        if (depth === 0) return at + 1;
      } else if (this.#text.startsWith(open, at)) {
        depth += 1;
        at += open.length - 1;
      }
    }
    return this.#text.length;
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #redirection(): void {
    if (this.#word !== null && /^\d+$/.test(this.#word)) this.#word = null;
    this.#endWord();
    const here = /^<<(-?)[ \t]*(?!<)(?:'([^'\n]*)'|"([^"\n]*)"|\\?([\w.]+))/.exec(
      this.#text.slice(this.#at, this.#at + 200),
    );
    if (here !== null) {
      this.#hereDocuments.push(here[2] ?? here[3] ?? here[4] ?? '');
      this.#at += here[0].length;
      return;
    }
    if (this.#text.startsWith('<(', this.#at) || this.#text.startsWith('>(', this.#at)) {
      this.#substitution(2);
      return;
    }
    this.#at += /^[<>|&]+/.exec(this.#text.slice(this.#at, this.#at + 5))?.[0].length ?? 1;
    this.#target = true;
  }

  #newline(): void {
    this.#at += 1;
    this.#endCommand();
    for (const delimiter of this.#hereDocuments.splice(0)) {
      let line = '';
      do {
        const end = this.#text.indexOf('\n', this.#at);
        line = this.#text.slice(this.#at, end < 0 ? undefined : end);
        this.#at = end < 0 ? this.#text.length : end + 1;
      } while (line.trim() !== delimiter && this.#at < this.#text.length);
    }
  }

  #separator(char: string, next: string | undefined): void {
    // `&>file` is a redirection, not the end of a command.
    if (char === '&' && next === '>') {
      this.#at += 1;
      return;
    }
    this.#at += 1;
    this.#endCommand();
    if (char === ';' && next === ';' && this.#cases > 0) {
      this.#at += 1;
      this.#pattern();
    }
  }

  /** Whether a subshell begins here; the others are definitions of functions, and lists in assignments. */
  #opens(): boolean {
    const definition = /^\([ \t]*\)/.exec(this.#text.slice(this.#at, this.#at + 10));
    if (this.#word !== null && definition !== null && !this.#word.endsWith('=')) {
      this.functions.add(this.#word);
      this.#word = null;
      this.#words = [];
      this.#at += definition[0].length;
      return false;
    }
    if (this.#word?.endsWith('=')) {
      this.#at = this.#past('(', ')');
      return false;
    }
    this.#step(() => this.#endCommand());
    return true;
  }

  /** The pattern of a branch of `case`, up to its parenthesis; `esac` in its place ends them. */
  #pattern(): void {
    const rest = this.#text.slice(this.#at);
    const blank = /^(?:\s|#[^\n]*\n)*/.exec(rest)?.[0].length ?? 0;
    if (/^esac\b/.test(rest.slice(blank))) {
      this.#cases -= 1;
      this.#at += blank + 'esac'.length;
      return;
    }
    const end = rest.indexOf(')', blank + (rest[blank] === '(' ? 1 : 0));
    this.#at = end < 0 ? this.#text.length : this.#at + end + 1;
  }

  #endWord(): void {
    const word = this.#word;
    this.#word = null;
    if (word === null) return;
    if (this.#target) {
      this.#target = false;
      return;
    }
    if (this.#words.length === 0 && KEYWORDS.has(word)) return;
    if (this.#words[0] === 'function' && word === '{') {
      this.#endCommand();
      return;
    }
    this.#words.push(word);
    if (this.#words[0] === 'case' && word === 'in' && this.#words.length > 2) {
      this.#words = [];
      this.#cases += 1;
      this.#pattern();
    }
  }

  #endCommand(): void {
    this.#endWord();
    const words = this.#words;
    this.#words = [];
    this.#target = false;
    if (words[0] === 'function' && words[1] !== undefined) this.functions.add(words[1]);
    if (words.length > 0 && !LOOPS.has(words[0] as string)) this.commands.push(words);
  }
}
