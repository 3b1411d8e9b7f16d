#!/usr/bin/env bash
# Starts children and grandchildren that keep its output open, and hangs.
for _ in 1 2 3; do
  (sleep 300 & sleep 300) &
done
echo 'forked'
wait
