import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../../model/errors.js';
import { loadScenario } from '../../scenario/load.js';
import { ScenarioError } from '../../scenario/problem.js';
import { plainText } from '../terminal/text.js';

interface Around {
  /** A deploy command that could be wrapped without a scenario; null where there is none. */
  command: string | null;
  env: Readonly<Record<string, string | undefined>>;
}

/** What to do next: what is still to be filled in, and the two commands that follow. */
export async function nextLines(file: string, { command, env }: Around): Promise<string[]> {
  // A release is named at each run.
  const problems = await problemsOf(file, { RELEASE: 'v2', ...env });
  const program = programName(env);
  const set = (await needsRelease(file, env)) ? ' --set RELEASE=v2' : '';
  const verdict = `traffic, release, verdict${set === '' ? '' : '; v2 is the release, another one than is live'}`;
  const path = plainText(/^[\w./@+-]+$/.test(file) ? file : `'${file}'`);
  const commands: [string, string][] =
    problems.length > 0
      ? [
          [`${program} validate ${path}${set}`, 'says what is still missing'],
          [`${program} run ${path}${set}`, verdict],
        ]
      : [
          [`${program} doctor ${path}${set}`, 'whether programs and target are there; changes nothing'],
          [`${program} run ${path}${set}`, verdict],
        ];
  if (command !== null) commands.push([`${program} run --url URL -- ${command}`, 'or so, without a scenario']);
  const width = Math.max(...commands.map(([text]) => text.length));
  return [
    ...(problems.length === 0 ? [] : ['', 'To fill in:', ...problems.map((problem) => `  ${plainText(problem)}`)]),
    '',
    'Next:',
    ...commands.map(([text, about]) => `  ${text.padEnd(width)}   ${about}`),
    ...((await rehearses(file, env)) ? REHEARSAL : []),
    ...((await isIgnored()) ? [] : ['', 'Runs are kept under reports/: put `reports/` into .gitignore.']),
  ];
}

const REHEARSAL = [
  '',
  'Where all went well the rollback is rehearsed last: the OLD release is live afterwards.',
  '`run --rehearsal rollback-forward` ends on the one that was released, `--rehearsal none` does not try the way back.',
];

/** Whether the scenario ends with the rehearsed rollback; as it is written, where it cannot be loaded yet. */
async function rehearses(file: string, env: Around['env']): Promise<boolean> {
  const given = { RELEASE: 'v2', ...env };
  const scenario = await loadScenario(file, { env: given }).catch(() => null);
  if (scenario !== null) return scenario.rollback.length > 0 && scenario.rehearsal === 'rollback';
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^(?:rollback|strategy):/m.test(text) && !/^rehearsal:/m.test(text);
}

/** Whether git leaves `reports/` alone, or there is no git here to mind it. */
async function isIgnored(): Promise<boolean> {
  const text = await readFile('.gitignore', 'utf8').catch(() => null);
  if (text === null) return (await stat('.git').catch(() => null)) === null;
  return /^\/?reports(?:\/|\/?\*)?\s*$/m.test(text);
}

/** How the command was called, as far as that can be seen: npx says that it runs something. */
export function programName(env: Around['env']): string {
  return env.npm_command === 'exec' ? 'npx zdd-verify' : 'zdd-verify';
}

async function problemsOf(file: string, env: Around['env']): Promise<string[]> {
  try {
    await loadScenario(file, { env });
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) return [messageOf(error)];
    return error.problems.map(({ location, message, path }) => {
      const where = location === null ? file : `${file}:${location.line}`;
      return `${where}: ${path.at(-1) ?? ''}: ${message}`;
    });
  }
}

/** Whether the scenario asks for the release by its name, and nothing gives it. */
async function needsRelease(file: string, env: Around['env']): Promise<boolean> {
  const [without, given] = [
    await problemsOf(file, { ...env, RELEASE: undefined }),
    await problemsOf(file, { RELEASE: 'v2', ...env }),
  ];
  return without.length > given.length && !env.RELEASE;
}
