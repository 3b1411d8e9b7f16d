#!/usr/bin/env bash
# Writes 20 MB without a line break.
head -c 20000000 /dev/zero | tr '\0' x
echo
