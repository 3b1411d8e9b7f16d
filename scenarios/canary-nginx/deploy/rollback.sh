#!/usr/bin/env bash
# All traffic to the stable release, which never stopped.
deploy=$(dirname "$0")
"$deploy/share.sh" 0
"$deploy/resume.sh"
