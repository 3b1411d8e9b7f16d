import { CUT } from '../model/cut.js';

const MARK = '[redacted]';
/** Lines of a secret that are shorter say too little to be worth hiding, and too often something else. */
const MIN_LINE_CHARS = 8;
/** Encodings of a shorter piece would hide innocent text. */
const MIN_FORM_CHARS = 4;
/**
 * What a cut left of a secret is hidden from here on: as few characters as a secret may have. Where it was none, the end
 * of a word is lost that was cut anyway.
 */
const MIN_LEFT_CHARS = 4;
/** Widths at which `base64`, `openssl` and PEM break their lines. */
const BASE64_LINES = [64, 76];

/**
 * Makes the function that replaces every secret in a text by `[redacted]`: as it is, percent-encoded, escaped for
 * JSON, HTML or a shell, in hex, and in base64 and base64url at any place of a longer text (`user:password`). Lines
 * of 8 or more characters of a secret with several lines, or of its base64, are hidden on their own too. Where a text was
 * cut (`CUT`), what the cut left of a secret is hidden from 4 characters on; nowhere else, for a word such as `postgres`,
 * with which a secret may begin, must not vanish.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Map<string, Form>();
  for (const secret of secrets)
    for (const piece of piecesOf(secret)) for (const form of formsOf(piece)) forms.set(form.pattern, form);
  if (forms.size === 0) return (text) => text;
  const alternatives = [...forms.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const pattern = new RegExp(alternatives.join('|'), 'g');
  // A private key has a thousand forms, and almost no text has any: looking for plain texts is far quicker.
  const cores = [...new Set([...forms.values()].map(({ core }) => core))];
  const leftAtCuts = createLeftovers([...forms.values()]);
  return (text) => {
    const spans = cores.some((core) => text.includes(core)) ? matchesIn(text, pattern) : [];
    if (text.includes(CUT)) spans.push(...leftAtCuts(text));
    return spans.length === 0 ? text : hidden(text, spans);
  };
}

/** One encoding of a piece: what it looks like, and the plain text that every match holds. */
interface Form {
  pattern: string;
  core: string;
  /** Characters before and behind the plain text that are of the piece too, in part. */
  before: 0 | 1;
  behind: 0 | 1;
}

/** Part of a text: indexes of its first character and of the one behind its last. */
type Span = [from: number, to: number];

/** The same for every string of plain data, keys included; other values stay as they are. */
export function redactStrings<T>(value: T, redact: (text: string) => string): T {
  return redacted(value, redact) as T;
}

function redacted(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redacted(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [redact(key), redacted(item, redact)]));
}

/** Every match, also those that share characters with others. */
function matchesIn(text: string, pattern: RegExp): Span[] {
  const spans: Span[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    spans.push([match.index, match.index + match[0].length]);
    pattern.lastIndex = match.index + 1;
  }
  return spans;
}

/** Finds what cuts left of the forms: a beginning directly before a cut, or an end directly behind one. */
function createLeftovers(forms: readonly Form[]): (text: string) => Span[] {
  const longest = Math.max(...forms.map(({ core }) => core.length));
  const byBeginning = grouped(forms, ({ core }) => core.slice(0, MIN_LEFT_CHARS));
  const byEnd = grouped(forms, ({ core }) => core.slice(-MIN_LEFT_CHARS));

  /** Where what is left of a beginning begins, at the end of a piece of text; the end of the piece where there is none. */
  const beginningIn = (piece: string): number => {
    for (let from = Math.max(0, piece.length - longest); from <= piece.length - MIN_LEFT_CHARS; from++) {
      const alike = byBeginning.get(piece.slice(from, from + MIN_LEFT_CHARS)) ?? [];
      const found = alike.filter(({ core }) => core.startsWith(piece.slice(from)));
      if (found.length > 0) return Math.max(0, from - Math.max(...found.map(({ before }) => before)));
    }
    return piece.length;
  };

  /** Where what is left of an end ends, at the beginning of a piece of text; 0 where there is none. */
  const endIn = (piece: string): number => {
    for (let to = Math.min(piece.length, longest); to >= MIN_LEFT_CHARS; to--) {
      const alike = byEnd.get(piece.slice(to - MIN_LEFT_CHARS, to)) ?? [];
      const found = alike.filter(({ core }) => core.endsWith(piece.slice(0, to)));
      if (found.length > 0) return Math.min(piece.length, to + Math.max(...found.map(({ behind }) => behind)));
    }
    return 0;
  };

  return (text) => {
    const pieces = text.split(CUT);
    const spans: Span[] = [];
    let at = 0;
    pieces.forEach((piece, index) => {
      const to = at + piece.length;
      if (index > 0) spans.push([at, at + endIn(piece)]);
      if (index < pieces.length - 1) spans.push([at + beginningIn(piece), to]);
      at = to + CUT.length;
    });
    return spans.filter(([from, to]) => to > from);
  };
}

function grouped(forms: readonly Form[], keyOf: (form: Form) => string): Map<string, Form[]> {
  const groups = new Map<string, Form[]>();
  for (const form of forms) groups.set(keyOf(form), [...(groups.get(keyOf(form)) ?? []), form]);
  return groups;
}

/** The text with the mark in the place of each span; those that overlap are one. */
function hidden(text: string, spans: Span[]): string {
  let result = '';
  let written = 0;
  let end = -1;
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    if (from >= end) result += `${text.slice(written, from)}${MARK}`;
    end = Math.max(end, to);
    written = end;
  }
  return result + text.slice(written);
}

function piecesOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/);
  const pieces =
    lines.length > 1 ? lines.map((line) => line.trim()).filter((line) => line.length >= MIN_LINE_CHARS) : [];
  return [secret, secret.trim(), ...pieces].filter((piece) => piece.length >= MIN_FORM_CHARS);
}

/** Patterns that match the piece in every encoding. */
function formsOf(piece: string): Form[] {
  const percent = percentEncoded(piece);
  const json = inJson(piece);
  const texts = [
    piece,
    json,
    json.replaceAll('/', '\\/'),
    percent,
    percent.replaceAll('%20', '+'),
    lowerPercent(percent),
    piece.replace(/[^A-Za-z0-9]/g, (char) => (char.charCodeAt(0) < 128 ? hexByte(char) : char)),
    htmlEscaped(piece, '&#39;'),
    htmlEscaped(piece, '&#x27;'),
    htmlEscaped(piece, '&apos;'),
    htmlEscaped(piece, "'").replaceAll('&quot;', '"'),
    piece.replaceAll("'", "'\\''"),
    Buffer.from(piece).toString('hex'),
    Buffer.from(piece).toString('hex').toUpperCase(),
  ];
  // Each in a JSON text too: answers are shown so.
  return [...texts.flatMap((text) => [text, inJson(text)]).map(plainForm), ...base64Forms(piece)];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** `encodeURIComponent`, which refuses half a character. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));
}

function lowerPercent(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

/** Every special character percent-encoded, also those that `encodeURIComponent` lets through. */
function hexByte(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function htmlEscaped(text: string, apostrophe: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", apostrophe);
}

/**
 * Base64 of the piece behind 0, 1 or 2 other bytes (modulo 3). The characters that hold bits of the piece and of its
 * neighbours are not known, only that they are there: they are hidden with it.
 */
function base64Forms(piece: string): Form[] {
  const bytes = Buffer.from(piece);
  const forms: Form[] = [];
  for (const before of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + bytes.length) * 8) / 6);
    const sure = encoded.slice(from, to);
    if (sure.length < MIN_FORM_CHARS) continue;
    const head = before === 0 ? 0 : 1;
    const tail = (before + bytes.length) % 3 === 0 ? 0 : 1;
    const shared = ['', '[A-Za-z0-9+/_-]'];
    const between = (core: string): Form => {
      const pattern = `${shared[head]}${escapeRegExp(core)}${shared[tail]}`;
      return { core, pattern, before: head, behind: tail };
    };
    forms.push(between(sure));
    // In JSON and HTML a slash may be escaped; in a URL `+`, `/` and `=` are.
    const urlSafe = sure.replaceAll('+', '-').replaceAll('/', '_');
    if (urlSafe !== sure) {
      const slashed = sure.replaceAll('/', '\\/');
      forms.push(between(urlSafe), ...[encodeURIComponent(sure), slashed, inJson(slashed)].map(plainForm));
    }
    if (before === 0) forms.push(...BASE64_LINES.flatMap((width) => linesOf(sure, width)).map(plainForm));
  }
  return forms;
}

/** The lines of a text that is broken at a width; none where it fits into one. */
function linesOf(text: string, width: number): string[] {
  const lines = Array.from({ length: Math.ceil(text.length / width) }, (_, line) =>
    text.slice(line * width, (line + 1) * width),
  );
  return lines.length < 2 ? [] : lines.filter((line) => line.length >= MIN_LINE_CHARS);
}

function plainForm(core: string): Form {
  return { core, pattern: escapeRegExp(core), before: 0, behind: 0 };
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
