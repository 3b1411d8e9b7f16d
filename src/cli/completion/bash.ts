import { allOf, type CompletedCommand, type Value } from './tree.js';

/** A completion script for bash, from 3.2 on. */
export function bashScript(program: CompletedCommand): string {
  const all = allOf(program);
  return `# bash completion of zdd-verify.  eval "$(zdd-verify completion bash)"
_zdd_verify() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command='' word index
  COMPREPLY=()
  # \`--option=value\` comes as three words.
  if [[ $current == = ]]; then
    current=''
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ $word == -- ]]; then
      _zdd_verify_paths -f
      return
    fi
    case "$command/$word" in
${all
  .filter(({ path }) => path !== '')
  .map(({ path, name }) => `      '${parentOf(path)}/${name}') command='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$command $before" in
${all.flatMap((command) => command.options.flatMap(({ names, value }) => (value === null ? [] : names.map((name) => `    '${command.path} ${name}') ${offer(value)}; return ;;`)))).join('\n')}
  esac
  if [[ $current == -* ]]; then
    case $command in
${all.map((command) => `      '${command.path}') _zdd_verify_words '${command.options.flatMap(({ names }) => names).join(' ')}' ;;`).join('\n')}
    esac
    return
  fi
  case $command in
${all.map((command) => `    '${command.path}') ${positional(command)} ;;`).join('\n')}
  esac
}

_zdd_verify_words() {
  COMPREPLY+=($(compgen -W "$1" -- "$current"))
}

# Names of files may hold blanks: one a line.
_zdd_verify_add() {
  local name
  while IFS= read -r name; do COMPREPLY+=("$name"); done
}

_zdd_verify_paths() {
  compopt -o filenames 2>/dev/null
  _zdd_verify_add < <(compgen "$1" -- "$current")
}

_zdd_verify_scenarios() {
  local name
  compopt -o filenames 2>/dev/null
  _zdd_verify_add < <(
    compgen -d -- "$current"
    compgen -f -- "$current" | while IFS= read -r name; do
      case $name in *.yaml | *.yml | *.json | *.ts) [[ -f $name ]] && printf '%s\\n' "$name" ;; esac
    done
  )
}

# Folders, and those below reports/ that hold a record.
_zdd_verify_runs() {
  local file
  _zdd_verify_paths -d
  if [[ $current != */* ]]; then
    for file in reports/"$current"*/run.json; do
      [[ -f $file ]] && COMPREPLY+=("\${file%/run.json}")
    done
  fi
}

complete -F _zdd_verify zdd-verify
`;
}

function parentOf(path: string): string {
  return path.split(' ').slice(0, -1).join(' ');
}

function positional({ commands, arguments: [argument] }: CompletedCommand): string {
  if (commands.length > 0) return `_zdd_verify_words '${commands.map(({ name }) => name).join(' ')}'`;
  return argument === undefined ? ':' : offer(argument.value);
}

function offer(value: Value): string {
  if (typeof value === 'object') return `_zdd_verify_words '${value.words.join(' ')}'`;
  switch (value) {
    case 'scenario':
      return '_zdd_verify_scenarios';
    case 'run':
      return '_zdd_verify_runs';
    case 'folder':
      return '_zdd_verify_paths -d';
    case 'file':
      return '_zdd_verify_paths -f';
    case 'text':
      return ':';
  }
}
