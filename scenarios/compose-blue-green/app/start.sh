#!/bin/sh
# Without `exec` the shell stays, and the shop is its child.
node /srv/shop/server.mjs "$@"
