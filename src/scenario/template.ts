import { isDynamic, readDynamic } from './dynamic.js';

/** The text of a scenario's string, taken apart: what is literal and what is to be put in. */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'variable'; source: string; name: string; operator: Operator | null; word: Part[] }
  | { kind: 'secret'; source: string; name: string }
  | { kind: 'baseline-version'; source: string }
  | { kind: 'dynamic'; source: string };

/** As docker compose: with a colon, an empty value counts as missing. */
export type Operator = ':-' | '-' | ':?' | '?' | ':+' | '+';

/** A `$` that is neither an expression nor a plain character. */
export class TemplateError extends Error {
  /** The piece of the text at fault. */
  readonly source: string;
  readonly fix: string;

  constructor(message: string, source: string, fix: string) {
    super(message);
    this.source = source;
    this.fix = fix;
  }
}

/** What `${baseline.version}` is written as; it stays in the text until the baseline was measured. */
export const BASELINE_VERSION = '${baseline.version}';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/**
 * Takes a string apart by docker compose's grammar: `${NAME}`, `${NAME:-default}` (and `-`, `:?`, `?`, `:+`, `+`;
 * defaults may hold expressions), `$$` for a plain `$`; besides `${secret:NAME}`, `${baseline.version}` and values made
 * anew for each request, such as `${random.uuid}`.
 * @throws TemplateError
 */
export function parseTemplate(text: string): Part[] {
  return parseParts(text, 0, false).parts;
}

function parseParts(text: string, start: number, nested: boolean): { parts: Part[]; end: number } {
  const parts: Part[] = [];
  let literal = '';
  let at = start;
  while (at < text.length) {
    const char = text[at] as string;
    if (nested && char === '}') break;
    if (char !== '$') {
      literal += char;
      at += 1;
    } else if (text[at + 1] === '$') {
      literal += '$';
      at += 2;
    } else if (text[at + 1] === '{') {
      if (literal !== '') parts.push({ kind: 'text', text: literal });
      literal = '';
      const { part, end } = parseExpression(text, at);
      parts.push(part);
      at = end;
    } else {
      const name = NAME.exec(text.slice(at + 1))?.[0];
      if (name !== undefined) {
        throw new TemplateError(
          `\`$${name}\` is not put in without braces`,
          `$${name}`,
          `write \`\${${name}}\` to put its value in, \`$$${name}\` for the text \`$${name}\``,
        );
      }
      literal += '$';
      at += 1;
    }
  }
  if (literal !== '') parts.push({ kind: 'text', text: literal });
  return { parts, end: at };
}

/** Reads `${...}` at `start`. */
function parseExpression(text: string, start: number): { part: Part; end: number } {
  const inside = text.slice(start + 2);
  const secret = /^secret:([A-Za-z_][A-Za-z0-9_]*)\}/.exec(inside);
  if (secret !== null) {
    const source = `\${${secret[0]}`;
    return { part: { kind: 'secret', source, name: secret[1] as string }, end: start + source.length };
  }
  if (text.startsWith(BASELINE_VERSION, start)) {
    return { part: { kind: 'baseline-version', source: BASELINE_VERSION }, end: start + BASELINE_VERSION.length };
  }
  const dynamic = /^([^}]+)\}/.exec(inside)?.[1] ?? '';
  if (isDynamic(dynamic)) {
    const source = `\${${dynamic}}`;
    const read = readDynamic(dynamic);
    if ('problem' in read) throw new TemplateError(read.problem, source, read.fix);
    return { part: { kind: 'dynamic', source }, end: start + source.length };
  }
  const name = NAME.exec(inside)?.[0];
  if (name === undefined) throw malformed(text, start);
  const afterName = start + 2 + name.length;
  if (text[afterName] === '}') {
    const source = text.slice(start, afterName + 1);
    return { part: { kind: 'variable', source, name, operator: null, word: [] }, end: afterName + 1 };
  }
  const operator = /^:?[-?+]/.exec(text.slice(afterName))?.[0] as Operator | undefined;
  if (operator === undefined) throw malformed(text, start);
  const { parts: word, end } = parseParts(text, afterName + operator.length, true);
  if (text[end] !== '}') throw malformed(text, start);
  return { part: { kind: 'variable', source: text.slice(start, end + 1), name, operator, word }, end: end + 1 };
}

function malformed(text: string, start: number): TemplateError {
  const end = text.indexOf('}', start);
  const source = text.slice(start, end < 0 ? text.length : end + 1);
  if (end < 0)
    return new TemplateError('`${` is never closed', source, 'close it with `}`, or write `$${` for the text `${`');
  const meant = source.startsWith('${secret')
    ? '`${secret:NAME}`'
    : source.startsWith('${baseline')
      ? '`${baseline.version}`'
      : '`${NAME}`, `${NAME:-default}` or `${NAME:?message}`';
  return new TemplateError(`\`${source}\` is no expression`, source, `write ${meant}, or \`$$\` for a plain \`$\``);
}

/** Writes text so that `parseTemplate` reads it back as the same literal. */
export function escapeTemplate(text: string): string {
  return text.replace(/\$(?=[A-Za-z_{$]|$)/g, '$$$$');
}
