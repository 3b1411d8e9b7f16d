const MARK = '[redacted]';
/** Lines of a secret that are shorter say too little to be worth hiding, and too often something else. */
const MIN_LINE_CHARS = 8;
/** Encodings of a shorter piece would hide innocent text. */
const MIN_FORM_CHARS = 4;

/**
 * Makes the function that replaces every secret in a text by `[redacted]`: as it is, percent-encoded, escaped for
 * JSON, HTML or a shell, in hex, and in base64 and base64url at any place of a longer text (`user:password`). Lines
 * of 8 or more characters of a secret with several lines are hidden on their own too.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Map<string, string>();
  for (const secret of secrets)
    for (const piece of piecesOf(secret)) for (const { pattern, core } of formsOf(piece)) forms.set(pattern, core);
  if (forms.size === 0) return (text) => text;
  const alternatives = [...forms.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const pattern = new RegExp(alternatives.join('|'), 'g');
  // A private key has a thousand forms, and almost no text has any: looking for plain texts is far quicker.
  const cores = [...new Set(forms.values())];
  return (text) => (cores.some((core) => text.includes(core)) ? replaceAllOverlapping(text, pattern) : text);
}

/** One encoding of a piece: what it looks like, and the plain text that every match holds. */
interface Form {
  pattern: string;
  core: string;
}

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

/** Where two secrets share characters both are hidden, not just the one that begins first. */
function replaceAllOverlapping(text: string, pattern: RegExp): string {
  let result = '';
  let written = 0;
  let end = -1;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match.index >= end) {
      result += `${text.slice(written, match.index)}${MARK}`;
    }
    end = Math.max(end, match.index + match[0].length);
    written = end;
    pattern.lastIndex = match.index + 1;
  }
  return written === 0 ? text : result + text.slice(written);
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
  const json = JSON.stringify(piece).slice(1, -1);
  const texts = [
    piece,
    json,
    json.replaceAll('/', '\\/'),
    JSON.stringify(json).slice(1, -1),
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
  return [...texts.map(plainForm), ...base64Forms(piece)];
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
    const head = before === 0 ? '' : '[A-Za-z0-9+/_-]';
    const tail = (before + bytes.length) % 3 === 0 ? '' : '[A-Za-z0-9+/_-]';
    const between = (core: string) => ({ core, pattern: `${head}${escapeRegExp(core)}${tail}` });
    forms.push(between(sure));
    // In JSON and HTML a slash may be escaped; in a URL `+`, `/` and `=` are.
    const urlSafe = sure.replaceAll('+', '-').replaceAll('/', '_');
    if (urlSafe !== sure) {
      const encoded = [encodeURIComponent(sure), sure.replaceAll('/', '\\/')];
      forms.push(between(urlSafe), ...encoded.map(plainForm));
    }
  }
  return forms;
}

function plainForm(core: string): Form {
  return { core, pattern: escapeRegExp(core) };
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
