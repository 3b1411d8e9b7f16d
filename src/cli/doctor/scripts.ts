import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { findProgram } from '../../platform/machine.js';
import { type Use, usesIn } from './programs.js';

/** What the scripts that a step calls start in their turn. */
export interface Survey {
  /** Each with the script it stands in. */
  uses: (Use & { script: string })[];
  /** `need PROGRAM SYSTEM`: what the shipped scenarios say that they cannot do without. */
  needs: { program: string; system: string; script: string }[];
  /** Whether a script adds the folders of the administrator's programs to PATH. */
  addsSbin: boolean;
}

/** Where a step runs. */
export interface Place {
  cwd: string;
  path: string;
  /** Variables of its environment, where scripts may look for other scripts. */
  variables: Readonly<Record<string, string>>;
}

const MAX_SCRIPTS = 50;
const MAX_BYTES = 256 * 1024;

/**
 * Reads the shell scripts among the programs of a step, and those that they call or source. A script that cannot be
 * found, or that is of another language, is left out: what it starts is not known.
 */
export async function surveyScripts(uses: readonly Use[], place: Place): Promise<Survey> {
  const survey: Survey = { uses: [], needs: [], addsSbin: false };
  const functions = new Set<string>();
  const seen = new Set<string>();
  for (const use of uses) {
    const main = await scriptOf(use, place);
    if (main !== null) await follow(main, { main, known: knownFrom(place), seen, functions, survey, place });
  }
  // A function may be defined in a file that was read later than the one that calls it.
  return { ...survey, uses: survey.uses.filter(({ program }) => !functions.has(program)) };
}

interface Journey {
  /** The script that was called: `$0`. */
  main: string;
  /** Variables with plain values. */
  known: Map<string, string>;
  seen: Set<string>;
  functions: Set<string>;
  survey: Survey;
  place: Place;
}

async function follow(file: string, journey: Journey): Promise<void> {
  const { seen, survey, functions, place } = journey;
  if (seen.has(file) || seen.size >= MAX_SCRIPTS) return;
  seen.add(file);
  const text = await textOf(file);
  if (text === null) return;
  const plain = await withSources(text, file, journey);
  if (plain.includes('/usr/sbin')) survey.addsSbin = true;
  const found = usesIn(plain);
  for (const name of found.functions) functions.add(name);
  for (const use of found.uses) {
    const [program, system] = use.args;
    if (use.program === 'need' && program !== undefined && system !== undefined) {
      survey.needs.push({ program, system, script: basename(file) });
      continue;
    }
    const called = await scriptOf(use, place);
    if (called === null || SHELLS.has(use.program)) survey.uses.push({ ...use, script: basename(file) });
    if (called !== null) await follow(called, { ...journey, main: called, known: knownFrom(place) });
  }
}

/** The script with what is known of its variables put in, once the files that it sources have been read. */
async function withSources(text: string, file: string, journey: Journey): Promise<string> {
  let plain = filledIn(text, file, journey);
  for (;;) {
    for (const [word, source] of usesIn(plain).commands) {
      if ((word === '.' || word === 'source') && source?.includes('/')) {
        await follow(resolve(journey.place.cwd, source), journey);
      }
    }
    // What those files have set may say where the next one is.
    const again = filledIn(text, file, journey);
    if (again === plain) return plain;
    plain = again;
  }
}

/** Folders of scripts and variables with plain values in the place of what a shell would work out. */
function filledIn(text: string, file: string, { main, known }: Journey): string {
  const plain = text
    .replace(/\$\(dirname (?:-- )?"?\$(?:0|\{0\})"?\)|\$\{0%\/\*\}/g, () => dirname(main))
    .replace(/\$\(dirname (?:-- )?"?\$\{BASH_SOURCE(?:\[0\])?\}"?\)/g, () => dirname(file))
    .replace(/\$\(cd (?:-- )?"?([\w./@+-]+)"? && pwd\)/g, (_, folder: string) => folder);
  for (const [, name, value] of plain.matchAll(/^[ \t]*(?:export |local |readonly )?(\w+)="?([\w./@+-]+)"?[ \t]*$/gm)) {
    known.set(name as string, value as string);
  }
  return plain.replace(/\$(?:\{(\w+)\}|(\w+))/g, (found, braced?: string, bare?: string) => {
    return known.get(braced ?? bare ?? '') ?? found;
  });
}

function knownFrom({ variables }: Place): Map<string, string> {
  return new Map(Object.entries(variables).filter(([, value]) => /^[\w./@+-]+$/.test(value)));
}

const SHELLS: ReadonlySet<string> = new Set(['bash', 'sh', 'dash']);

/** The shell script that a program is, or that a shell is given; null where it is something else. */
async function scriptOf({ program, args }: Use, { cwd, path }: Place): Promise<string | null> {
  if (SHELLS.has(program)) {
    const [file] = args.filter((arg) => !arg.startsWith('-'));
    return file === undefined || args.some((arg) => /^-\w*c$/.test(arg)) ? null : isShell(resolve(cwd, file), true);
  }
  if (!program.includes('/')) return null;
  const file = await findProgram(program, { cwd, path });
  return file === null ? null : isShell(file, false);
}

async function isShell(file: string, whatever: boolean): Promise<string | null> {
  const text = await textOf(file);
  if (text === null) return null;
  return whatever || /^#!\s*\S*(?:\/|\benv\s+)(?:ba|da|k|z)?sh\b/.test(text) ? file : null;
}

/** Null where it is no file, or one too long to be a script. */
async function textOf(file: string): Promise<string | null> {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile() || found.size > MAX_BYTES) return null;
  return readFile(file, 'utf8').catch(() => null);
}
