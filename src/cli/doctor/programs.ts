import { readShell, type ShellCommand } from './shell-commands.js';

/** A program that a command starts, and the words behind it. */
export interface Use {
  program: string;
  args: string[];
}

/**
 * Programs that a step may start: those whose names stand in its command. What is built into the shell, defined in the
 * script, or made of variables is left out.
 */
export function programsOf(run: string | readonly string[] | null): string[] {
  return [...new Set(usesOf(run).map(({ program }) => program))];
}

export function usesOf(run: string | readonly string[] | null): Use[] {
  if (run === null) return [];
  if (typeof run === 'string') return usesIn(run).uses;
  return run.length === 0 || run[0]?.includes('${') ? [] : started([...run]);
}

/** The programs of a script, and the functions it defines. */
export function usesIn(script: string): { uses: Use[]; functions: Set<string>; commands: ShellCommand[] } {
  const { commands, functions } = readShell(script);
  const uses = commands.flatMap(started).filter(({ program }) => !BUILT_IN.has(program) && !functions.has(program));
  return { uses, functions, commands };
}

/** A program behind assignments, and one that another one starts. */
function started(command: ShellCommand): Use[] {
  const words = [...command];
  while (words[0] !== undefined && /^\w+\+?=/.test(words[0])) words.shift();
  const program = words.shift();
  // Steps find zdd-verify itself in any case.
  if (program === undefined || program === 'zdd-verify' || !/^[\w./+@-]+$/.test(program)) return [];
  const own = { program, args: words };
  if (!STARTERS.has(program)) return [own];
  const behind = [...words];
  for (let word = behind[0]; word !== undefined && /^(?:-|\d|\w+=)/.test(word); word = behind[0]) {
    // `command -v` asks, and starts nothing.
    if (program === 'command' && /^-[vV]/.test(word)) return [];
    behind.shift();
    if (/^-[ugsk]$/.test(word)) behind.shift();
  }
  return [...(BUILT_IN.has(program) ? [] : [own]), ...started(behind)];
}

/** They start the program that stands behind them. */
const STARTERS = new Set('exec command env nohup setsid nice sudo timeout xargs stdbuf'.split(' '));

const BUILT_IN = new Set(
  `. : [ [[ alias bg bind break builtin case cd command continue declare dirs disown done echo enable esac eval exec exit
  export false fc fg fi for function getopts hash help history in jobs kill let local logout mapfile popd printf pushd pwd
  read readarray readonly return select set shift shopt source suspend test times trap true type typeset ulimit umask
  unalias unset wait else then do`.split(/\s+/),
);
