# Sourced by every script of this folder: where things are, and the machine (systemd in a container of its own).
. "$(dirname "$0")/../../shared/lib.sh"

one_of "$BREAK" none restart restart-nginx working-directory

APP_PORT=$((PORT + 1))
MACHINE=$ROOT/machine # a tmpfs: what the container writes outside $ROOT is gone with it

# note TEXT: a line with its time in log/deploy.log.
note() {
  say "$*"
  printf '%s %s\n' "$(date +%FT%T.%3N)" "$*" >>"$ROOT/log/deploy.log"
}

# fill FILE: its placeholders replaced.
fill() { sed "s|__ROOT__|$ROOT|g; s|__APP_PORT__|$APP_PORT|g; s|__PORT__|$PORT|g" "$1"; }

# The container's PID 1, as this machine numbers it; nothing where it does not run.
leader() {
  local pid
  pid=$(cat "$ROOT/run/leader" 2>/dev/null) || return 0
  ! grep -qs shop.target "/proc/$pid/cmdline" || printf '%s\n' "$pid"
}

# in_machine COMMAND...: inside of the container.
in_machine() { nsenter -t "$(leader)" -m -u -i -n -p -C "$@"; }

# A systemd of its own over a copy-on-write view of this machine's files. It shares the network (loopback) and $ROOT.
start_machine() {
  mkdir -p "$MACHINE"
  mount -t tmpfs -o size=256m zdd-scenario "$MACHINE"
  mkdir "$MACHINE"/{upper,work,root}
  mount -t overlay -o "lowerdir=/,upperdir=$MACHINE/upper,workdir=$MACHINE/work" zdd-scenario "$MACHINE/root"
  local unit
  for unit in gunicorn.service nginx.service shop.target; do
    fill "$SCENARIO/units/$unit" >"$MACHINE/root/etc/systemd/system/$unit"
  done
  case $BREAK in
    working-directory) # as many a guide has it: systemd enters the directory `current` leads to, and gunicorn keeps to that one
      sed -i "s|^ExecStart=|WorkingDirectory=$ROOT/current\n&|; s|--chdir $ROOT/current ||" "$MACHINE/root/etc/systemd/system/gunicorn.service"
      ;;
  esac
  start machine systemd-nspawn --quiet --directory="$MACHINE/root" --register=no --keep-unit --console=pipe --link-journal=no \
    --kill-signal=SIGRTMIN+3 --bind="$ROOT:$ROOT:norbind" /lib/systemd/systemd --unit=shop.target
  local end=$((SECONDS + 10))
  # Before it is systemd, the process is called systemd-nspawn, like its parent.
  until pgrep -x -o -P "$(pid_of machine)" systemd >"$ROOT/run/leader" && [ -n "$(leader)" ]; do
    [ $SECONDS -lt $end ] || fail "the container did not start: $(tail -n 3 "$ROOT/log/machine.log")"
    sleep 0.05
  done
}

# Powers the container off and takes its mounts away, however far the start came.
end_machine() {
  local init mounted
  init=$(leader)
  if [ -n "$init" ]; then
    in_machine systemctl poweroff >/dev/null 2>&1 || true
    gone_within 40 "$init" || { say "the container does not power off" >&2; kill -s KILL "$init"; }
  fi
  stop machine TERM 40
  for mounted in "$MACHINE/root" "$MACHINE"; do
    unmount "$mounted" || { say "$mounted is in use: it goes when its last user does" >&2; umount --lazy "$mounted"; }
  done
  return 0
}

# Whoever looked into it as the machine ended keeps it busy for a moment.
unmount() {
  local _
  for _ in {1..50}; do
    mountpoint -q "$1" || return 0
    umount "$1" 2>/dev/null && return 0
    sleep 0.1
  done
  return 1
}
