import { quoted } from './ssh.js';

export interface RemoteScript {
  /** A string is a script for `bash -eo pipefail` (`sh -e` where there is no bash); a list is argv without a shell. */
  run: string | string[];
  /** Null for the folder the login begins in. */
  cwd: string | null;
  env: Record<string, string>;
  /** A word that nothing else writes: lines that begin with it speak of the command, on the error output. */
  mark: string;
  /** What becomes of the command where the connection is lost. */
  onLost: 'end' | 'go-on';
}

/** Time between SIGTERM and SIGKILL, tenths of a second. */
const GRACE_TENTHS = 50;
/** Unread output beyond this is dropped: a command that floods its output must not fill the host's disk. */
const BACKLOG_BYTES = 64 * 1024 * 1024;

/** Ends the group of `$pid`; before that leads one, the process itself. */
const END_GROUP = `send() { kill -s "$1" -- "-$pid" || kill -s "$1" "$pid"; }
end_group() {
  send TERM
  tenths=0
  while [ "$tenths" -lt ${GRACE_TENTHS} ] && kill -s 0 -- "-$pid"; do
    sleep 0.1
    tenths=$((tenths + 1))
  done
  kill -s KILL -- "-$pid"
}`;

/**
 * What a POSIX shell on the host is sent: it starts the command as the leader of a session of its own, without input,
 * and says how it ended. Variables come this way too: no command line shows them.
 *
 * The output goes to a file without a name and is sent from there, as on the machine of the run: a daemon that the
 * command leaves behind neither holds the connection open nor dies with it. The connection's own end is what the shell
 * listens for meanwhile: a line `stop`, or its loss, ends the process group.
 *
 * All of it is one compound command that exits: the shell has read it to its end before it begins.
 */
export function remoteScript({ run, cwd, env, mark, onLost }: RemoteScript): string {
  return `{
exec 3<&0 6>&2 </dev/null 2>/dev/null
say() { printf '%s %s\\n' ${mark} "$*" >&6; }
session=$(command -v setsid) || { say unfit 'the program setsid is missing'; exit 1; }
file=$(mktemp "\${TMPDIR:-/tmp}/zdd-verify.XXXXXXXX") || { say unfit 'no file can be made for the output'; exit 1; }
exec 5>>"$file" 4<"$file"
rm -f "$file"
over=
trap 'over=1' USR1
(
  (
    ${
      cwd === null
        ? ''
        : `cd -- ${quoted(cwd)} || { say cwd; exit 1; }
`
    }${wordsOf(run)}
${exportsOf(env)}exec "$session" "$@" >&5 2>&1 3<&- 4<&- 5>&- 6>&-
  ) &
  pid=$!
  say started "$pid" "$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f20)"
  (
${END_GROUP}
    while read -r word; do
      if [ "$word" = stop ]; then trap '' TERM; end_group; exit; fi
    done <&3
    ${onLost === 'end' ? "trap '' TERM; end_group" : ':'}
  ) >/dev/null 6>&- &
  listener=$!
  wait "$pid"
  code=$?
  kill "$listener"
  wait "$listener"
  kill -s USR1 $$
  exit "$code"
) &
waiter=$!
while [ -z "$over" ]; do
  dd bs=65536 count=16 <&4
  if [ "$(wc -c </dev/fd/5)" -gt ${BACKLOG_BYTES} ]; then
    : >/dev/fd/5
    exec 4</dev/fd/5
    say dropped
  fi
  sleep 0.1
done
dd bs=65536 count=1024 <&4
wait "$waiter"
say exit "$?"
exit 0
}
`;
}

/** What ends a command from another connection. `startTicks` tells it from a later process with the same number. */
export function endScript({ pid, startTicks }: { pid: number; startTicks: string }): string {
  return `{
exec </dev/null 2>/dev/null
pid=${pid}
now=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f20)
if [ -n "$now" ] && [ "$now" != ${quoted(startTicks)} ] && [ -n ${quoted(startTicks)} ]; then echo gone; exit 0; fi
${END_GROUP}
end_group
echo gone
exit 0
}
`;
}

function exportsOf(env: Record<string, string>): string {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
}

function wordsOf(run: string | string[]): string {
  if (typeof run !== 'string') return `set -- ${run.map(quoted).join(' ')}`;
  const script = quoted(run);
  return `if command -v bash >/dev/null; then set -- bash -eo pipefail -c ${script}; else set -- sh -e -c ${script}; fi`;
}
