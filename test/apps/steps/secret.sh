#!/usr/bin/env bash
# Prints a secret in the forms in which it leaks.
echo "token=$TOKEN"
printf '%s' "$TOKEN" | base64
node -p 'encodeURIComponent(process.env.TOKEN)'
node -p 'JSON.stringify(process.env.TOKEN)' >&2
