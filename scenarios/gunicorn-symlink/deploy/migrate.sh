#!/usr/bin/env bash
# Expands the schema and fills it, while v1 goes on reading and writing.
. "$(dirname "$0")/common.sh"
migrate_to 0002
case $BREAK in
  one-statement-backfill) # one transaction: every row it has changed stays locked until the last one is
    psql -qv ON_ERROR_STOP=1 -c 'UPDATE items SET discount_cents = price_cents * discount_percent / 100'
    ;;
  *) (cd "$ROOT/releases/v2" && "$PYTHON" backfill.py) ;;
esac
case $BREAK in
  drop-column) migrate_to 0003 ;; # contracts at once: v1 still reads the column that goes
esac
