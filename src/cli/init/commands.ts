import { dirname } from 'node:path/posix';
import { filesNamed, firstMatch, type Guess, matches, type ProjectFile } from './folder.js';

/** Commands of the project's own, as shell. */
export interface CommandClues {
  /** What releases, and what takes it back. */
  deploy: Guess | null;
  /** Whether the deploy command reads a first argument: the release, in most. */
  takesRelease: boolean;
  rollback: Guess | null;
  /** Whether the rollback reads a first argument: the release to go back to. */
  goesBackTo: boolean;
  migrate: Guess | null;
  /** Scripts by the options of a strategy that they serve: `build`, `start`, `stop`, `update`. */
  scripts: Map<string, Guess>;
}

const PARTS = ['build', 'start', 'stop', 'update'] as const;

export function readCommands(files: readonly ProjectFile[]): CommandClues {
  const script = scriptNamed(files, 'deploy|release|ship');
  const undo = scriptNamed(files, 'rollback|roll-back|undo|revert');
  return {
    // A task called `release` publishes, in most.
    deploy: script ?? taskNamed(files, 'deploy'),
    takesRelease: script !== null && takesArgument(files, script),
    rollback: undo ?? taskNamed(files, 'rollback|undo'),
    goesBackTo: undo !== null && takesArgument(files, undo),
    migrate: migrationOf(files),
    scripts: new Map(
      PARTS.flatMap((part) => {
        const found = scriptNamed(files, part);
        // One that knows of no places would stop the app that serves, or start a second one at its port.
        return found === null || (part !== 'build' && !knowsPlaces(files, found)) ? [] : [[part, found] as const];
      }),
    ),
  };
}

function knowsPlaces(files: readonly ProjectFile[], script: Guess): boolean {
  const file = files.find(({ path }) => path === script.from?.path);
  return file !== undefined && matches(file, /^[^#]*(\$\{?(?:SERVER|ADDRESS|PORT)\b)/).length > 0;
}

/** A shell script of this name, the nearest to the top; by its path, as a command. */
function scriptNamed(files: readonly ProjectFile[], name: string): Guess | null {
  const form = new RegExp(`^(?:(?:deploy|bin|scripts?|ops|infra)/)?(?:${name})(?:\\.sh)?$`);
  const file = filesNamed(files, form).find(
    ({ path, lines }) => path.endsWith('.sh') || lines[0]?.startsWith('#!') === true,
  );
  return file === undefined ? null : { value: `./${file.path}`, from: { path: file.path, line: 1 } };
}

function takesArgument(files: readonly ProjectFile[], script: Guess): boolean {
  const file = files.find(({ path }) => path === script.from?.path);
  return file !== undefined && matches(ownLines(file), /^[^#]*(\$1\b|\$\{1\b|\$@)/).length > 0;
}

/** Without the bodies of functions and what stands in single quotes: a `$1` there is none of the script's. */
function ownLines({ path, lines }: ProjectFile): ProjectFile {
  let isInside = false;
  const own = lines.map((text) => {
    const begins = !isInside && /^\s*(?:function\s+[\w-]+(?:\s*\(\s*\))?|[\w-]+\s*\(\s*\))\s*\{?/.test(text);
    const hidden = isInside || begins;
    if (begins) isInside = !/\}\s*$/.test(text);
    else if (/^\}/.test(text)) isInside = false;
    return hidden ? '' : text.replace(/'[^']*'/g, "''");
  });
  return { path, lines: own };
}

/** A target of make, or a script of package.json. */
function taskNamed(files: readonly ProjectFile[], name: string): Guess | null {
  const target = firstMatch(filesNamed(files, /^Makefile$/), new RegExp(`^(${name})\\s*:(?!=)`));
  if (target !== null) return { value: `make ${target.value}`, from: target.from };
  const script = firstMatch(filesNamed(files, /^package\.json$/), new RegExp(`^\\s*"(${name})"\\s*:\\s*"`));
  return script === null ? null : { value: `npm run ${script.value}`, from: script.from };
}

/** What changes the schema, by the file that shows the tool. */
function migrationOf(files: readonly ProjectFile[]): Guess | null {
  for (const [name, command] of TOOLS) {
    const [file] = filesNamed(files, name);
    if (file === undefined) continue;
    const folder = file.path.includes('/') && !file.path.endsWith('.prisma') ? dirname(file.path) : '';
    return { value: folder === '' ? command : `cd '${folder}' && ${command}`, from: { path: file.path, line: 1 } };
  }
  const script = firstMatch(
    filesNamed(files, /^package\.json$/),
    /^\s*"((?:db:)?migrate(?::(?:deploy|latest|up))?)"\s*:\s*"/,
  );
  return script === null ? null : { value: `npm run ${script.value}`, from: script.from };
}

const TOOLS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\/)alembic\.ini$/, 'alembic upgrade head'],
  [/(?:^|\/)manage\.py$/, 'python manage.py migrate --noinput'],
  [/(?:^|\/)schema\.prisma$/, 'npx prisma migrate deploy'],
  [/(?:^|\/)knexfile\.(?:[cm]?js|ts)$/, 'npx knex migrate:latest'],
];
