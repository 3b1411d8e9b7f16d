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
}

/** `zdd-verify scenarios`: what comes with the package, to run or to start one's own from. */
export function scenariosCommand(): Command {
  return new Command('scenarios')
    .description('Lists the scenarios that come with zdd-verify: a name, what each shows, and the path of its file.')
    .option('--json', 'as JSON: [{ name, title, hypothesis, path }]')
    .addHelpText(
      'after',
      `
Examples:
  $ zdd-verify scenarios
  $ zdd-verify scenarios --json | jq -r '.[].path'`,
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
  const found = await Promise.all(names.sort().map((name) => describe(name, join(dir, name, 'scenario.yaml'))));
  return found.filter((scenario) => scenario !== null);
}

async function describe(name: string, path: string): Promise<ShippedScenario | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const [title = '', ...rest] = topComment(text);
  return { name, title, hypothesis: rest.join(' '), path };
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
