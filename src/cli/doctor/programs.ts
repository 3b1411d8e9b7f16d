/**
 * Programs a step starts for certain: the first word of each command that stands at the beginning of a line. A shell
 * script can hide others; those that are built in, made of variables, or defined in the script are left out.
 */
export function programsOf(run: string | readonly string[] | null): string[] {
  if (run === null) return [];
  if (typeof run !== 'string') {
    const [program] = run;
    return program === undefined || program.includes('${') ? [] : [program];
  }
  return [...new Set(commandsOf(run))];
}

function commandsOf(script: string): string[] {
  const defined = new Set([...script.matchAll(/^\s*(?:function\s+)?([\w-]+)\s*\(\)/gm)].map(([, name]) => name));
  const lines = withoutHereDocuments(script).replace(/\\\n/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const word = firstWord(line);
    return word === null || BUILT_IN.has(word) || defined.has(word) ? [] : [word];
  });
}

/** The first word after assignments and keywords; null where it is not a plain word. */
function firstWord(line: string): string | null {
  const words = line.trim().split(/\s+/);
  while (words[0] !== undefined && (/^\w+=\S*$/.test(words[0]) || PREFIXES.has(words[0]))) words.shift();
  const word = words[0]?.replace(/[;&|]+$/, '') ?? '';
  return /^[\w./+-]+$/.test(word) ? word : null;
}

function withoutHereDocuments(script: string): string {
  return script.replace(/<<-?\s*(['"]?)(\w+)\1[^\n]*\n[\s\S]*?\n\s*\2(?=\n|$)/g, '');
}

const PREFIXES = new Set([
  'if',
  'elif',
  'while',
  'until',
  'then',
  'else',
  'do',
  '!',
  'time',
  'exec',
  'command',
  '{',
  '(',
]);
const BUILT_IN = new Set(
  `. : [ [[ alias bg bind break builtin case cd continue declare dirs disown done echo enable esac eval exit export
  false fc fg fi for function getopts hash help history in jobs kill let local logout mapfile popd printf pushd pwd
  read readarray readonly return select set shift shopt source suspend test times trap true type typeset ulimit umask
  unalias unset wait else then do`.split(/\s+/),
);
