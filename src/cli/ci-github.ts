import { COMMIT, splitNeeds, todoText } from './ci-needs.js';
import { type Needs, NO_NEEDS } from './init/needs.js';
import { toolVersion } from './package-info.js';

/** The action is used out of the npm package: one version, written down in one place. */
export function githubWorkflow(scenario: string, needs: Needs = NO_NEEDS): string {
  return `# A release under traffic, judged by zdd-verify. The job ends as the run does: \`zdd-verify explain 99\` and so on.
name: release
on:
  workflow_dispatch:
  push:
    branches: [main]
permissions:
  contents: read
  pull-requests: write # for the comment; without it there is none
concurrency:
  group: zdd-verify # one release at a time, and none is cut short by the next
  cancel-in-progress: false
jobs:
  zdd-verify:
    runs-on: ubuntu-latest # or one of your own runners that reaches the target
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v6
        with:
          persist-credentials: false
      - uses: actions/setup-node@v6
        with:
          node-version: 22
      - name: Install zdd-verify
        run: npm install --prefix .zdd-verify --ignore-scripts --no-audit --no-fund zdd-verify@${toolVersion()}
      - id: release
        uses: ./.zdd-verify/node_modules/zdd-verify
        with:
          scenario: ${JSON.stringify(scenario)}
${settings(needs)}
          # args: --rate=200/s
${environment(needs)}
      # Whatever the verdict was:
      # - if: always()
      #   env:
      #     VERDICT: \${{ steps.release.outputs.verdict }}
      #   run: echo "users met $VERDICT"
`;
}

function settings(needs: Needs): string {
  const { hasRelease, others } = splitNeeds(needs);
  const todo = others.map((need) => `          # ${todoText(need)}: a line ${need.name}=... under \`set: |\``);
  if (!hasRelease) return [...todo, '          # set: RELEASE=9f3c1a2'].join('\n');
  const set = ['          set: | # NAME=VALUE, one a line', `            RELEASE=${COMMIT.github}`];
  return [...todo, ...set].join('\n');
}

function environment({ secrets }: Needs): string {
  const lines = (names: readonly string[]) => ['env:', ...names.map((name) => `  ${name}: \${{ secrets.${name} }}`)];
  return secrets.length === 0
    ? lines(['STAGING_TOKEN'])
        .map((line) => `        # ${line}`)
        .join('\n')
    : lines(secrets)
        .map((line) => `        ${line}`)
        .join('\n');
}
