import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageDir } from './package-info.js';
import { clip, plainText } from './terminal/text.js';

/** A scenario that comes with the package. */
interface ShippedScenario {
  name: string;
  /** First line of the comment on top of the file. */
  title: string;
  /** The rest of that comment: what is expected to happen, and the verdict. */
  hypothesis: string;
  path: string;
  /** What is released, and how; null where the folder has no cases. */
  system: string | null;
  /** What has to be installed, by the names of scripts/install-systems. */
  needs: string[];
  /** The release made well, and with each of its mistakes. */
  cases: ShippedCase[];
}

/** A release that can be run: what to set, and how it must end. */
interface ShippedCase {
  name: string;
  set: Record<string, string>;
  verdict: string | string[];
  release: string | string[];
  exitCode: number | number[];
}

/** `zdd-verify scenarios`: what comes with the package, to run or to start one's own from. */
export function scenariosCommand(): Command {
  return new Command('scenarios')
    .description('Lists the scenarios that come with zdd-verify: a name, what each shows, and the path of its file.')
    .option(
      '--json',
      'as JSON: [{ name, title, hypothesis, path, system, needs, cases: [{ name, set, verdict, release, exitCode }] }]',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ zdd-verify scenarios
  $ zdd-verify scenarios --json | jq -r '.[].path'
  $ zdd-verify scenarios --json | jq -r '.[] | "\\(.name): needs \\(.needs | join(", "))"'`,
    )
    .action(async (options: { json?: true }) => {
      const scenarios = await shippedScenarios(join(packageDir(), 'scenarios'));
      const text = options.json
        ? JSON.stringify(scenarios, null, 2)
        : scenarios.map(({ name, title, path }) => `${name}\n  ${clip(title, 110)}\n  ${path}`).join('\n');
      process.stdout.write(`${text}\n`);
    });
}

/** The folders of `dir` that hold a `scenario.yaml`, by name. */
export async function shippedScenarios(dir: string): Promise<ShippedScenario[]> {
  const folders = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found = await Promise.all(names.sort().map((name) => describe(name, join(dir, name))));
  return found.filter((scenario) => scenario !== null);
}

async function describe(name: string, folder: string): Promise<ShippedScenario | null> {
  const path = join(folder, 'scenario.yaml');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const [title = '', ...rest] = topComment(text);
  return { name, title, hypothesis: rest.join(' '), path, ...(await shippedCases(folder)) };
}

/** From the folder's `cases.json`; what else that holds is about how the corpus checks the cases. */
export async function shippedCases(folder: string): Promise<Pick<ShippedScenario, 'system' | 'needs' | 'cases'>> {
  const text = await readFile(join(folder, 'cases.json'), 'utf8').catch(() => null);
  if (text === null) return { system: null, needs: [], cases: [] };
  const { system, needs, cases } = JSON.parse(text) as Pick<ShippedScenario, 'system' | 'needs' | 'cases'>;
  return {
    system,
    needs,
    cases: cases.map(({ name, set, verdict, release, exitCode }) => ({ name, set, verdict, release, exitCode })),
  };
}

/** The comment lines a file begins with; editors' directives (`# yaml-language-server:`) and blank lines are left out. */
function topComment(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('#') && line.trim() !== '') break;
    const words = plainText(line.replace(/^#+/, '')).trim();
    if (words !== '' && !words.startsWith('yaml-language-server:')) lines.push(words);
  }
  return lines;
}
