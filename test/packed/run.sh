#!/usr/bin/env bash
# Packs the project, installs the tarball in an empty folder as a user would, and runs a scenario from there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
place=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$place"
}
trap cleanup EXIT

(cd "$root" && npm pack --silent --pack-destination "$place" >/dev/null)
mkdir "$place/user"
cd "$place/user"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund "$place"/zdd-verify-*.tgz
wanted=$(node -p "require('$root/package.json').version")
found=$(npx --no-install zdd-verify --version)
[ "$found" = "$wanted" ] || { echo "the packed command is version $found, not $wanted"; exit 1; }
echo "installed zdd-verify $found, $(du -sm node_modules | cut -f1) MB"

printf v1 > "$place/version"
node "$here/server.mjs" "$place/version" > "$place/url" &
server=$!
for _ in $(seq 100); do [ -s "$place/url" ] && break; sleep 0.1; done
TARGET=$(cat "$place/url")
export TARGET VERSION_FILE="$place/version"

npx --no-install zdd-verify validate "$here/scenario.yaml" > /dev/null
# Where the machine kept the harness from measuring (98, and it says so of itself) the run is made again.
for _ in 1 2 3 4 5; do
  code=0
  dir=$(npx --no-install zdd-verify run "$here/scenario.yaml" --out "$place/reports" | tail -n 1) || code=$?
  [ "$code" -eq 98 ] || break
  healthy=$(node -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).generator.healthy' "$dir/run.json")
  [ "$healthy" = false ] || break
done
[ "$code" -eq 0 ] || { echo "the run ended with $code"; exit 1; }
node -e '
  const { verdict, release, gate, exitCode, totals } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  console.log({ verdict, release, gate, exitCode, requests: totals.requests, failed: totals.failed });
  if (verdict !== "zero-downtime" || release !== "completed" || gate !== "pass" || exitCode !== 0) process.exit(1);
' "$dir/run.json"
for file in report.html timeline.png summary.md junit.xml metrics.txt; do
  [ -s "$dir/$file" ] || { echo "$file is missing"; exit 1; }
done

# The GitHub action and what the pipelines of others call are in the package.
for file in action.yml ci/undo.mjs ci/github; do
  [ -e "node_modules/zdd-verify/$file" ] || { echo "$file is not in the package"; exit 1; }
done

# The types of the library resolve and a consumer of them compiles.
printf 'import { defineScenario } from "zdd-verify";\nexport default defineScenario;\n' > use.mts
"$root/node_modules/.bin/tsc" --noEmit --strict --module nodenext --target es2023 --skipLibCheck use.mts
