import type { TextOptions } from '@clack/prompts';
import { plainText } from '../terminal/text.js';
import { versionInAnswers } from './answers.js';
import { type Guess, type Place, placeText } from './folder.js';
import { type Frame, mixedRoutes, type OwnCommands, type VersionClue, type Way } from './proposal.js';
import type { Gap } from './strategy-lines.js';

/** A way to release that can be chosen: those the project shows, then all others. */
export interface Choice {
  way: Way;
  label: string;
  /** Names of the options that a strategy cannot do without and nothing is known of, with what they are. */
  gaps: readonly Gap[];
}

/** What the user settled on. */
export interface Answers {
  way: Way;
  frame: Frame;
  own: OwnCommands | null;
  /** Options of the strategy, by their names. */
  options: Map<string, string>;
}

type Prompts = typeof import('@clack/prompts');

/** Thrown inside, where the user ends the questions. */
class Ended extends Error {}

/**
 * Asks what the files do not say, and shows what they do. On stderr; null where the user ends it (Ctrl-C, Escape).
 */
export async function askAll(
  found: readonly string[],
  choices: readonly Choice[],
  frameFor: (way: Way) => Frame,
): Promise<Answers | null> {
  const prompts = await import('@clack/prompts');
  const output = process.stderr;
  prompts.intro('A scenario for your release. Ctrl-C ends this, and nothing is written.', { output });
  if (found.length > 0) prompts.note(found.map(plainText).join('\n'), 'found in this folder', { output });
  try {
    return await ask(prompts, choices, frameFor);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    prompts.cancel('Ended: nothing was written.', { output });
    return null;
  }
}

async function ask(prompts: Prompts, choices: readonly Choice[], frameFor: (way: Way) => Frame): Promise<Answers> {
  const output = process.stderr;
  const answered = <T>(value: T | symbol): T => {
    if (prompts.isCancel(value)) throw new Ended();
    return value as T;
  };
  const line = async (question: Pick<TextOptions, 'message' | 'placeholder' | 'validate'>, initial: string) => {
    const value = await prompts.text({ ...question, initialValue: initial, output });
    return String(answered(value) ?? '').trim();
  };
  const picked = answered<number>(
    await prompts.select({
      message: 'How is a release made?',
      options: choices.map(({ label, way }, value) => ({
        value,
        label,
        ...(way.from === null ? {} : { hint: placeText(way.from) }),
      })),
      maxItems: 10,
      output,
    }),
  );
  const { way, gaps } = choices[picked] as Choice;
  const frame = frameFor(way);
  const url = await line(
    { message: 'Where do users connect?', validate: urlFault, placeholder: '(e.g. http://127.0.0.1:8080)' },
    frame.url?.value ?? '',
  );
  const health = await line(
    { message: `Which route says that the app is ready?${told(frame.health?.from)}`, validate: routeFault },
    frame.health?.value ?? '/',
  );
  const settled: Frame = {
    ...frame,
    url: kept(frame.url, url),
    resolve: url === frame.url?.value ? frame.resolve : null,
    health: kept(frame.health, health),
  };
  const seen = (await versionInAnswers(settled)) ?? frame.version;
  const version = await line(
    {
      message: `What names the release: a response header, or a place in a JSON body?${whenceOf(seen)} Empty: nothing; the change is then not verified`,
      validate: versionFault,
      placeholder: '(e.g. x-release, or $.version)',
    },
    seen?.name ?? '',
  );
  const own = way.own === null ? null : await askCommands(way.own, line);
  const options = new Map<string, string>();
  for (const { name, about } of gaps) {
    const value = await line({ message: `${name}: ${about} (empty: fill in later)` }, '');
    if (value !== '') options.set(name, value);
  }
  return {
    way,
    own,
    options,
    frame: { ...settled, version: seen?.name === version ? seen : versionNamed(version, settled) },
  };
}

type Line = (question: Pick<TextOptions, 'message' | 'validate'>, initial: string) => Promise<string>;

async function askCommands(own: OwnCommands, line: Line): Promise<OwnCommands> {
  const notEmpty = (text: string | undefined) => (text?.trim() ? undefined : 'a command is needed');
  const deploy = await line(
    { message: 'The command that releases ($RELEASE is the release)', validate: notEmpty },
    own.deploy.value,
  );
  const message =
    'The command that takes it back: run when the release fails, and rehearsed last when it went well: the OLD release is live afterwards (empty: none)';
  const rollback = await line({ message }, own.rollback?.value ?? '');
  return {
    deploy: kept(own.deploy, deploy) as Guess,
    rollback: kept(own.rollback, rollback),
    takesRelease: /\$\{?RELEASE\b/.test(deploy),
  };
}

/** The guess where it was left as it is: its place still holds. */
function kept(guess: Guess | null, answer: string): Guess | null {
  if (answer === '') return null;
  return guess?.value === answer ? guess : { value: answer, from: null };
}

function told(from: Place | null | undefined): string {
  return from == null ? '' : ` (${placeText(from)})`;
}

function urlFault(text: string | undefined): string | undefined {
  const isUrl = /^https?:\/\/[^\s@?#]+$/.test((text ?? '').trim()) && URL.canParse((text ?? '').trim());
  return isUrl ? undefined : 'a URL such as http://127.0.0.1:8080';
}

function routeFault(text: string | undefined): string | undefined {
  return /^\/[^\s#]*$/.test((text ?? '').trim()) ? undefined : 'a path such as /healthz';
}

function whenceOf(version: VersionClue | null): string {
  return version === null || version.whence === '' ? '' : ` (${plainText(version.whence)})`;
}

function versionFault(text: string | undefined): string | undefined {
  const isName = /^(?:[\w-]*|\$(?:\.[A-Za-z_]\w*)+)$/.test((text ?? '').trim());
  return isName ? undefined : 'the name of a header, such as x-release, or a place in a JSON body, such as $.version';
}

/** What the user typed. A place in a body is most likely one of the health route's. */
function versionNamed(name: string, frame: Frame): VersionClue | null {
  if (name === '') return null;
  if (!name.startsWith('$')) return { in: 'header', name: name.toLowerCase(), whence: '', flow: null };
  const { health } = frame;
  const flow = health === null || mixedRoutes(frame).includes(health.value) ? null : health.value;
  return { in: 'json', name, whence: '', flow };
}
