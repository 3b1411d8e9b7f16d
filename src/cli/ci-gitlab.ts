import { COMMIT, splitNeeds, todoText } from './ci-needs.js';
import { type Needs, NO_NEEDS } from './init/needs.js';
import { toolVersion } from './package-info.js';

export function gitlabJob(scenario: string, needs: Needs = NO_NEEDS): string {
  const { hasRelease, others } = splitNeeds(needs);
  const set = hasRelease ? ` --set "RELEASE=${COMMIT.gitlab}"` : '';
  const todo = others.map((need) => `    # ${todoText(need)}: add --set "${need.name}=..." here and in after_script\n`);
  return `# A release under traffic, judged by zdd-verify. Taken into .gitlab-ci.yml by: include: { local: .gitlab-ci.zdd.yml }
# The job ends as the run does: \`zdd-verify explain 99\` and so on.
zdd-verify:
  stage: deploy
  image: node:22
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  interruptible: false # a newer pipeline does not cut a release short
  resource_group: zdd-verify # one release at a time
  timeout: 1h
  variables:
    ZDD_SCENARIO: ${JSON.stringify(scenario)}
  # A run that proves nothing (98) fails the job. To go on with a warning instead:
  # allow_failure:
  #   exit_codes: [98]
  before_script:
    - npm install --prefix .zdd-verify --ignore-scripts --no-audit --no-fund zdd-verify@${toolVersion()}
  script:
${todo.join('')}    # exec: a shell in between would keep the signals of a cancelled job
    - exec .zdd-verify/node_modules/.bin/zdd-verify run --out reports "$ZDD_SCENARIO"${set}
  after_script:
    # Only where the run was killed half way: the scenario's rollback
    - node .zdd-verify/node_modules/zdd-verify/ci/undo.mjs reports "$ZDD_SCENARIO"${set}
  artifacts:
    when: always
    expire_in: 30 days
    paths:
      - reports/
    reports:
      junit: reports/*/junit.xml
      metrics: reports/*/metrics.txt
`;
}
