import { allOf, type CompletedCommand, type CompletedOption, type Value } from './tree.js';

/** A completion script for zsh: to be sourced, or as a file `_zdd-verify` in a folder of `fpath`. */
export function zshScript(program: CompletedCommand): string {
  return `#compdef zdd-verify
# zsh completion of zdd-verify.  source <(zdd-verify completion zsh)
${allOf(program).map(functionOf).join('\n')}
_zdd_verify_scenarios() {
  _files -g '*.(yaml|yml|json|ts)(-.)'
}

# Folders, and those below reports/ that hold a record.
_zdd_verify_runs() {
  local -a runs
  runs=(reports/*/run.json(N:h))
  (( $#runs )) && compadd -f -a runs
  _files -/
}

if [[ $funcstack[1] == _zdd-verify ]]; then
  _zdd_verify "$@"
else
  compdef _zdd_verify zdd-verify
fi
`;
}

function functionOf(command: CompletedCommand): string {
  const { path, commands, options } = command;
  const specs = options.map(optionSpec);
  if (commands.length === 0) {
    return `
${nameOf(path)}() {
  _arguments -S ${[...specs, ...argumentSpecs(command)].join(' \\\n    ')}
}`;
  }
  return `
${nameOf(path)}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${[...specs, `'1: :->command'`, `'*:: :->rest'`].join(' \\\n    ')}
  case $state in
    command)
      local -a commands
      commands=(
${commands.map(({ name, about }) => `        ${quoted(`${name}:${about}`)}`).join('\n')}
      )
      _describe -t commands command commands
      ;;
    rest)
      case $words[1] in
${commands.map(({ name, path: below }) => `        ${name}) ${nameOf(below)} ;;`).join('\n')}
      esac
      ;;
  esac
}`;
}

function nameOf(path: string): string {
  return ['_zdd_verify', ...path.split(' ').filter((part) => part !== '')].join('_').replaceAll('-', '_');
}

/** `(-h --help)` excludes the other spelling; `*` allows several; with `=` the value may stand in the same word. */
function optionSpec({ names, about, value, repeats }: CompletedOption): string {
  const rest = `[${about.replace(/[[\]\\]/g, '\\$&')}]${value === null ? '' : `:value:${actionOf(value)}`}`;
  const exclusive = repeats ? '*' : names.length > 1 ? `(${names.join(' ')})` : '';
  const equals = (name: string) => (value !== null && name.startsWith('--') ? '=' : '');
  return names.map((name) => quoted(`${exclusive}${name}${equals(name)}${rest}`)).join(' ');
}

function argumentSpecs({ arguments: all }: CompletedCommand): string[] {
  return all.map(({ name, value, repeats }, index) =>
    quoted(`${repeats ? '*' : index + 1}:${name}:${actionOf(value)}`),
  );
}

function actionOf(value: Value): string {
  if (typeof value === 'object') return `(${value.words.join(' ')})`;
  switch (value) {
    case 'scenario':
      return '_zdd_verify_scenarios';
    case 'run':
      return '_zdd_verify_runs';
    case 'folder':
      return '_files -/';
    case 'file':
      return '_files';
    case 'text':
      return ' ';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
