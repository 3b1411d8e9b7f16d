#!/usr/bin/env bash
# The stable release gets everything at once, and the canary ends when its last request is answered.
. "$(dirname "$0")/common.sh"
runtime weight shop/stable=100
runtime drain shop/canary --within 20s
runtime maint shop/canary
stop canary
