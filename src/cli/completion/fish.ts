import { allOf, type CompletedCommand, type CompletedOption, type Value } from './tree.js';

/** A completion script for fish, from 3.0 on. */
export function fishScript(program: CompletedCommand): string {
  const all = allOf(program);
  return `# fish completion of zdd-verify.  zdd-verify completion fish | source
function __zdd_verify_at --description 'Whether this is the command so far'
    set -l path ''
    set -l words (commandline -opc)
    for word in $words[2..-1]
        contains -- (string trim -- "$path $word") ${all
          .filter(({ path }) => path !== '')
          .map(({ path }) => quoted(path))
          .join(' ')}
        and set path (string trim -- "$path $word")
    end
    test "$path" = "$argv[1]"
end

function __zdd_verify_scenarios
    for ending in yaml yml json ts
        __fish_complete_suffix .$ending | string match -r ".*(?:/|\\\\.$ending)\\$"
    end
end

function __zdd_verify_runs --description 'Folders, and those below reports/ that hold a record'
    __fish_complete_directories (commandline -ct)
    for file in reports/*/run.json
        string replace -r '/run.json$' '' -- $file
    end
end

complete -c zdd-verify -e
complete -c zdd-verify -f
${all.flatMap(linesOf).join('\n')}
`;
}

function linesOf(command: CompletedCommand): string[] {
  const start = `complete -c zdd-verify -n ${quoted(`__zdd_verify_at ${quoted(command.path)}`)}`;
  const [argument] = command.arguments;
  return [
    ...command.commands.map(({ name, about }) => `${start} -a ${name} -d ${quoted(about)}`),
    ...command.options.map((option) => `${start}${optionWords(option)}`),
    ...(command.commands.length > 0 || argument === undefined ? [] : argumentLine(start, argument.value)),
  ];
}

function optionWords({ names, about, value }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`)).join('');
  return `${flags}${value === null ? '' : valueWords(value)} -d ${quoted(about)}`;
}

function valueWords(value: Value): string {
  const offered = candidates(value);
  if (value === 'file') return ' -r -F';
  return offered === null ? ' -x' : ` -x -a ${quoted(offered)}`;
}

function argumentLine(start: string, value: Value): string[] {
  if (value === 'file') return [`${start} -F`];
  const offered = candidates(value);
  return offered === null ? [] : [`${start} -a ${quoted(offered)}`];
}

function candidates(value: Value): string | null {
  if (typeof value === 'object') return value.words.join(' ');
  switch (value) {
    case 'scenario':
      return '(__zdd_verify_scenarios)';
    case 'run':
      return '(__zdd_verify_runs)';
    case 'folder':
      return '(__fish_complete_directories (commandline -ct))';
    case 'file':
    case 'text':
      return null;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
