import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { messageOf } from '../model/errors.js';
import { type Location, type Path, type Problem, problemAt } from './problem.js';
import type { SourceText } from './source-text.js';

/** Aliases may copy this many nodes in all: enough for shared settings, too few for a billion laughs. */
const MAX_ALIAS_COUNT = 100;
/** Nesting on one line. A scenario needs a tenth; the parser's recursion bears far more. */
const MAX_NESTING = 64;
/** One slip of syntax makes many errors after it. */
const MAX_ERRORS = 20;

/** Parses YAML 1.2 (or strict JSON) and remembers where everything stands. Never throws for what the text says. */
export function parseYaml(text: string, kind: 'yaml' | 'json'): SourceText {
  const lines = text.split(/\r\n|\n|\r/);
  const tooDeep = nestingProblem(text);
  if (tooDeep !== null) return { value: undefined, problems: [tooDeep], lines, locate: () => null };
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    stringKeys: true,
    // Its own check compares every key with every other; ours below does not.
    uniqueKeys: false,
    ...(kind === 'json' ? { schema: 'json' } : { merge: true }),
  });
  const problems = [...document.errors, ...document.warnings]
    .slice(0, MAX_ERRORS)
    .map(({ code, message, pos }) =>
      problemAt([], SAID[code] ?? message, { location: placeOf(lineCounter, text, pos[0], pos[1]) }),
    );
  problems.push(...aliasProblems(document, lineCounter, text), ...duplicateKeys(document, lineCounter, text));
  keepTexts(document);
  let value: unknown;
  try {
    value = problems.length > 0 ? undefined : document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
  } catch (error) {
    const message = messageOf(error).startsWith('Excessive alias count')
      ? 'its aliases (`*name`) multiply beyond reason'
      : messageOf(error);
    problems.push(problemAt([], message, { location: { line: 1, column: 1, length: 1 } }));
  }
  return {
    value,
    problems,
    lines,
    locate: (path, part, needle) => locate(document, lineCounter, text, path, part, needle),
  };
}

/**
 * Where the format wants text, a number is taken by the letter: the version `1.10` is not 1.1, the commit `12e4567`
 * not infinite.
 */
function keepTexts(document: Document): void {
  visit(document, {
    Scalar: (at, scalar, above) => {
      if (at === 'key' || (typeof scalar.value !== 'number' && typeof scalar.value !== 'boolean')) return;
      const keys = above.filter(isPair).map(({ key }) => (isScalar(key) ? String(key.value) : ''));
      if (scalar.source !== undefined && isTextAt(keys)) scalar.value = scalar.source;
    },
  });
}

/** Whether the keys lead to a variable, an environment, a header or a word of a command. */
export function isTextAt(keys: readonly string[]): boolean {
  if (keys.includes('json')) return false;
  if (keys[0] === 'vars') return keys.length === 2;
  // Options take the text of a number for a number; a release is a text whatever it looks like.
  if (keys[0] === 'strategy') return true;
  if (keys.at(-1) === 'run') return keys[0] === 'steps' || keys[0] === 'rollback';
  return ['env', 'headers', 'header'].includes(keys.at(-2) ?? '');
}

/** The library's words, where they speak of its API or say too little. */
const SAID: Record<string, string> = {
  TAB_AS_INDENT: 'a tab indents this line; YAML allows spaces only',
  MULTIPLE_DOCS: 'a second document begins here (`---`); a scenario is one document',
  NON_STRING_KEY: 'a key must be text',
  BLOCK_AS_IMPLICIT_KEY: 'a second `: ` on the line; put the value in quotes, or on lines of its own',
};

function nestingProblem(text: string): Problem | null {
  let flow = 0;
  let onLine = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow += 1;
    else if (token === ']' || token === '}') flow -= 1;
    else if (token === '-' || token === '?') onLine += 1;
    else if (token === '\n' || token === '\r\n') onLine = 0;
    if (flow > MAX_NESTING || onLine > MAX_NESTING) {
      const before = text.slice(0, offset).split('\n');
      const location = { line: before.length, column: (before.at(-1) as string).length + 1, length: 1 };
      return problemAt([], `nested more than ${MAX_NESTING} levels deep`, { location });
    }
    // The lexer's own marks (a document's start, a scalar's, an error) are no characters of the text.
    if (!/^[\u0002\u0018\u001f\ufeff]$/.test(token)) offset += token.length;
  }
  return null;
}

function aliasProblems(document: Document, lineCounter: LineCounter, text: string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const [from, to] = alias.range ?? [0, 1];
      const location = placeOf(lineCounter, text, from, to);
      problems.push(problemAt([], `\`*${alias.source}\` has no anchor \`&${alias.source}\` before it`, { location }));
    },
  });
  return problems;
}

function duplicateKeys(document: Document, lineCounter: LineCounter, text: string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && problems.length < MAX_ERRORS) {
          const location = placeOf(lineCounter, text, key.range?.[0] ?? 0, key.range?.[1] ?? 1);
          problems.push(
            problemAt([], `\`${String(key.value)}\` stands twice in the same mapping; only one can count`, {
              location,
            }),
          );
        }
        seen.add(key.value);
      }
    },
  });
  return problems;
}

/** Where the value or key at `path` stands; where it does not exist, the nearest key above. */
function locate(
  document: Document,
  lineCounter: LineCounter,
  text: string,
  path: Path,
  part: 'key' | 'value',
  needle: string | null,
): Location {
  let key: Node | null = null;
  let value = resolved(document.contents, document);
  let complete = true;
  for (const segment of path) {
    const found = childOf(value, segment, document);
    if (found === null) {
      complete = false;
      break;
    }
    key = found.key ?? found.value;
    value = found.value;
  }
  const node = !complete || part === 'key' ? (key ?? value) : (value ?? key);
  const [from, to] = node?.range ?? [0, 1];
  const within = complete && part === 'value' && needle !== null ? text.slice(from, to).indexOf(needle) : -1;
  if (within >= 0) return placeOf(lineCounter, text, from + within, from + within + (needle as string).length);
  return placeOf(lineCounter, text, from, to);
}

interface Child {
  key: Node | null;
  value: Node | null;
}

function childOf(node: Node | null, segment: string | number, document: Document): Child | null {
  if (isSeq(node)) {
    const item = typeof segment === 'number' ? node.items[segment] : undefined;
    return isNode(item) ? { key: null, value: resolved(item, document) } : null;
  }
  if (!isMap(node)) return null;
  const own = pairOf(node, segment);
  if (own !== null) return { key: own.key as Node | null, value: resolved(own.value, document) };
  return merged(node, segment, document);
}

/** A key that came in by `<<: *anchor`. */
function merged(map: YAMLMap, segment: string | number, document: Document): Child | null {
  const merge = resolved(pairOf(map, '<<')?.value, document);
  const sources = isSeq(merge) ? merge.items.map((item) => resolved(item, document)) : [merge];
  for (const source of sources) {
    const found = source === map ? null : childOf(source, segment, document);
    if (found !== null) return found;
  }
  return null;
}

function pairOf(map: YAMLMap, segment: string | number): Pair | null {
  const found = map.items.find(
    (item) => isPair(item) && isScalar(item.key) && (item.key.value === segment || item.key.source === String(segment)),
  );
  return found ?? null;
}

function resolved(node: unknown, document: Document): Node | null {
  if (isAlias(node)) return node.resolve(document) ?? null;
  return isNode(node) ? node : null;
}

function placeOf(lineCounter: LineCounter, text: string, from: number, to: number): Location {
  const { line, col } = lineCounter.linePos(Math.min(from, text.length));
  const lineEnd = text.slice(from).search(/[\r\n]/);
  const length = Math.min(to - from, lineEnd < 0 ? to - from : lineEnd);
  return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, length) };
}
