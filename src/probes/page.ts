import { Parser } from 'htmlparser2';

export interface Asset {
  /** Path and query on the page's own origin. */
  path: string;
  /** Whether an HTML page in its place breaks it: scripts and stylesheets. */
  code: boolean;
}

const MOST_URL = 2000;
/** Characters of a page that are read for assets. */
const MOST_PAGE = 2 * 1024 * 1024;
/** References that are looked at: a page may name a million of elsewhere. */
const MOST_REFERENCES = 2000;
const LINKED = ['stylesheet', 'preload', 'modulepreload', 'icon', 'manifest'];

/** What a page loads from its own origin, in order, each once; at most `most`. */
export function assetsOf(html: string, url: string, most: number): Asset[] {
  const found = new Map<string, Asset>();
  let base = url;
  let references = 0;
  const add = (reference: string | undefined, code: boolean): void => {
    references += 1;
    const path = reference === undefined || references > MOST_REFERENCES ? null : ownPath(reference, base, url);
    if (path !== null && found.size < most && !found.has(path)) found.set(path, { path, code });
  };
  const parser = new Parser({
    onopentag: (name, { href, src, rel, as, type }) => {
      const relations = (rel ?? '').toLowerCase().split(/\s+/);
      if (name === 'base' && href !== undefined) base = absolute(href, url)?.href ?? url;
      if (name === 'script' && isScript(type)) add(src, true);
      if (name === 'img') add(src, false);
      if (name !== 'link' || !relations.some((relation) => LINKED.includes(relation))) return;
      const code = relations.includes('stylesheet') || relations.includes('modulepreload');
      add(href, code || as === 'script' || as === 'style');
    },
  });
  parser.write(html.slice(0, MOST_PAGE));
  parser.end();
  return [...found.values()];
}

/**
 * Whether a file's name holds a hash of its content, as build tools give it: its last part, behind a dot or dash, of at
 * least eight hexadecimal or mixed letters and digits (`app.3f2a1b9c.js`, `index-BvX3k2Qa.css`), or all of it.
 */
export function hasHash(path: string): boolean {
  const name = (path.split(/[?#]/)[0] ?? '').split('/').at(-1) ?? '';
  const stem = name.replace(/(\.(min|chunk|bundle|module|[a-z0-9]{1,5}))+$/i, '');
  const [first = '', ...parts] = stem.split(/[.~-]/);
  if (/^[0-9a-f]{16,}$/i.test(first)) return true;
  return parts.some((part) => {
    const isHex = /^[0-9a-f]{8,}$/i.test(part) && /\d/.test(part) && /[a-f]/i.test(part);
    return isHex || (/^\w{8,}$/.test(part) && /[a-z]/.test(part) && /[A-Z]/.test(part) && /\d/.test(part));
  });
}

function ownPath(reference: string, base: string, page: string): string | null {
  if (reference.length > MOST_URL) return null;
  const url = absolute(reference.trim(), base);
  return url !== null && url.origin === new URL(page).origin ? url.pathname + url.search : null;
}

function absolute(reference: string, base: string): URL | null {
  try {
    return new URL(reference, base);
  } catch {
    return null;
  }
}

/** JSON and templates in `<script>` are not fetched for their code. */
function isScript(type: string | undefined): boolean {
  return type === undefined || type === '' || type === 'module' || /javascript/i.test(type);
}
