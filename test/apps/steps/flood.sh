#!/usr/bin/env bash
# Writes 40 MB of lines as fast as they are taken, then a last one.
yes 'a line of output that says nothing, over and over again' | head -c 40000000
echo 'the last line'
