#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
[ ! -e "$ROOT/pm2" ] || "$ROOT/pm2/node_modules/.bin/pm2" kill
