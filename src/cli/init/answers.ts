import { toolVersion } from '../package-info.js';
import { VERSION_HEADER } from './nginx.js';
import { type Frame, mixedRoutes, type VersionClue } from './proposal.js';

/** What one route answered, as far as it was read. */
interface Answer {
  route: string;
  headers: Headers;
  text: string;
}

const TIMEOUT_MS = 2000;
const MAX_CHARS = 64 * 1024;

/** Keys of a JSON answer that name a release, those first that change with each. */
const KEYS = ['release', 'version', 'commit', 'sha', 'revision', 'build', 'git_sha', 'gitSha'];

/** Headers of frameworks and of interfaces, which no release changes. */
const NOT_THE_APP = /^x-(?:aspnet|aspnetmvc|api|runtime|php|drupal)-/i;

/**
 * Asks the routes of the mix and the health route once each, and looks for what names the release: a header or a key of
 * a JSON body, of the routes that users ask before the health route alone. Null where nothing answers or nothing is found.
 */
export async function versionInAnswers({ url, resolve, health, routes }: Frame): Promise<VersionClue | null> {
  if (url === null || resolve !== null) return null;
  const mixed = mixedRoutes({ routes });
  const own = health === null || mixed.includes(health.value) ? [] : [health.value];
  const answers = await Promise.all([...mixed, ...own].map((route) => answerOf(url.value, route)));
  const found = answers.flatMap((answer) => (answer === null ? [] : [clueIn(answer)])).filter((clue) => clue !== null);
  const ofMix = found.filter(({ route }) => mixed.includes(route));
  const best = ofMix.find(({ clue }) => clue.in === 'header') ?? ofMix[0] ?? found[0];
  if (best === undefined) return null;
  return { ...best.clue, flow: ofMix.length > 0 ? null : best.route };
}

async function answerOf(url: string, route: string): Promise<Answer | null> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { 'user-agent': `zdd-verify/${toolVersion()} (init)` };
    const response = await fetch(`${url.replace(/\/$/, '')}${route}`, { redirect: 'manual', headers, signal });
    return { route, headers: response.headers, text: await beginningOf(response) };
  } catch {
    return null;
  }
}

/** As much as came in time: a stream never ends. */
async function beginningOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > MAX_CHARS) break;
    }
  } catch {
    // Cut off by the time: what came is looked at.
  }
  return text;
}

function clueIn({ route, headers, text }: Answer): { route: string; clue: Omit<VersionClue, 'flow'> } | null {
  const named = [...headers].find(
    ([name, value]) => VERSION_HEADER.test(name) && !NOT_THE_APP.test(name) && value !== '',
  );
  if (named !== undefined)
    return { route, clue: { in: 'header', name: named[0].toLowerCase(), whence: saying(route, named[1]) } };
  const body = parsed(text);
  for (const key of KEYS) {
    const value = body[key];
    if ((typeof value === 'string' && value !== '') || typeof value === 'number')
      return { route, clue: { in: 'json', name: `$.${key}`, whence: saying(route, String(value)) } };
  }
  return null;
}

/** Printed, and written into a comment: short, on one line, without what could end it. */
function saying(route: string, value: string): string {
  const plain = value.replace(/[^\w.:+/@ -]/g, '?');
  return `GET ${route} answers ${plain.length > 40 ? `${plain.slice(0, 40)}...` : plain}`;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
