#!/usr/bin/env bash
# Opens its own stderr by name, which fails where that is a socket.
echo 'by name' >/dev/stderr
