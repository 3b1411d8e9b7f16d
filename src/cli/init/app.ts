import { filesNamed, firstMatch, type Guess, matches, type ProjectFile } from './folder.js';
import { HEALTH, VERSION_HEADER } from './nginx.js';

/** What the app's own source says of itself. */
export interface AppClues {
  name: Guess | null;
  /** The port it listens at where nothing else is said. */
  port: Guess<number> | null;
  health: Guess | null;
  versionHeader: Guess | null;
  /** Routes that only read, without parameters. */
  routes: Guess[];
}

const SOURCE = /\.(?:[cm]?[jt]s|py|rb|go)$/;
const CONFIGURATION = /(?:^|\/)(?:ecosystem|pm2|knexfile|.*\.config)\b[^/]*$|\.d\.ts$/;
const MOST_ROUTES = 3;

/** Routes as Express, Fastify, Koa, Flask, FastAPI, Sinatra and Go's routers have them, or a server that compares the path. */
const ROUTES: readonly RegExp[] = [
  /\b(?:\w*app\w*|\w*server|fastify|\w*router\w*|\w*api)\.(?:get|route|GET)\(\s*["'`](\/[\w/.-]*)["'`]/i,
  /^\s*@\w+\.(?:get|route)\(\s*["'](\/[\w/.-]*)["']\s*(?:\)|,(?!.*methods=\[(?!.*GET)))/,
  /\b(?:url|pathname|path)\s*={2,3}\s*["'`](\/[\w/.-]*)["'`]/,
  /HandleFunc\(\s*"(?:GET )?(\/[\w/.-]*)"/,
  /^\s*get\s+["'](\/[\w/.-]*)["']\s+do\b/,
];
const VERSION = /["'`](x-[a-z-]{4,40})["'`]/i;
const PORT =
  /(?:\blisten\(\s*(?:(?:Number|parseInt)\()?|\bport\s*[:=]\s*(?:(?:Number|parseInt)\()?)(?:process\.env\.\w+\s*(?:\|\||\?\?)\s*)?["']?(\d{2,5})\b/i;

export function readApp(files: readonly ProjectFile[]): AppClues {
  const sources = filesNamed(files, SOURCE).filter(({ path }) => !CONFIGURATION.test(path));
  const routes = unique(sources.map(readingLines).flatMap((file) => ROUTES.flatMap((route) => matches(file, route))));
  const health = routes.filter(({ value }) => HEALTH.test(value));
  const port = firstMatch(sources, PORT);
  return {
    name: firstMatch(filesNamed(files, /^package\.json$/), /^\s*"name"\s*:\s*"((?:@[\w.-]+\/)?[\w.-]{1,60})"/),
    port: port === null ? null : { value: Number(port.value), from: port.from },
    // Whether it takes traffic, before whether it lives.
    health: health.find(({ value }) => /ready/.test(value)) ?? health[0] ?? null,
    versionHeader:
      sources
        .flatMap((file) => matches(file, VERSION))
        .map(lowered)
        .find(({ value }) => VERSION_HEADER.test(value)) ?? null,
    routes: routes
      .filter(({ value }) => !HEALTH.test(value) && !/version|metrics|favicon|\.\./.test(value))
      .slice(0, MOST_ROUTES),
  };
}

/** Without the lines of routes that only write. */
function readingLines({ path, lines }: ProjectFile): ProjectFile {
  const writes = (text: string): boolean =>
    (/\b(?:POST|PUT|PATCH|DELETE)\b/.test(text) && !/\bGET\b/.test(text)) ||
    /\.route\([^)]*\)\s*\.(?:post|put|patch|delete)\b/.test(text);
  return { path, lines: lines.map((text) => (writes(text) ? '' : text)) };
}

function lowered({ value, from }: Guess): Guess {
  return { value: value.toLowerCase(), from };
}

function unique(guesses: readonly Guess[]): Guess[] {
  return guesses.filter(({ value }, index) => guesses.findIndex((each) => each.value === value) === index);
}
