import { ZddError } from '../model/errors.js';
import { githubWorkflow } from './ci-github.js';
import { gitlabJob } from './ci-gitlab.js';
import { jenkinsPipeline } from './ci-jenkins.js';
import { COMMIT, splitNeeds } from './ci-needs.js';
import { type Needs, NO_NEEDS } from './init/needs.js';

export const CI_SYSTEMS = ['github', 'gitlab', 'jenkins'] as const;
export type CiSystem = (typeof CI_SYSTEMS)[number];

/** A file that `init --ci` writes, and what is left to do with it. */
export interface CiFile {
  path: string;
  text: string;
  note: string;
}

/** The files that let a CI system run `scenario`, by paths from the top of the repository. */
export function ciFiles(
  system: CiSystem,
  { scenario, needs = NO_NEEDS }: { scenario: string; needs?: Needs },
): CiFile[] {
  // Each of these systems reads `$` in its own files as the beginning of something else.
  if (!/^[^$\p{C}]+$/u.test(scenario) || scenario.startsWith('-')) {
    throw new ZddError(
      'USAGE',
      'a scenario that a CI job runs has a path without `$`, control characters or a leading dash',
      {
        hint: 'rename the file, and run `zdd-verify init --ci` again',
      },
    );
  }
  switch (system) {
    case 'github':
      return [
        {
          path: '.github/workflows/zdd-verify.yml',
          text: githubWorkflow(scenario, needs),
          note: `Choose what starts it (\`on\`).${sayNeeds(needs, COMMIT.github, 'among the secrets of the repository')}`,
        },
      ];
    case 'gitlab':
      return [
        {
          path: '.gitlab-ci.zdd.yml',
          text: gitlabJob(scenario, needs),
          note: `Take it into .gitlab-ci.yml: include: { local: .gitlab-ci.zdd.yml }.${sayNeeds(needs, COMMIT.gitlab, 'among the CI/CD variables')}`,
        },
      ];
    case 'jenkins':
      return [
        {
          path: 'Jenkinsfile.zdd',
          text: jenkinsPipeline(scenario, needs),
          note: `Make a pipeline job with the script path Jenkinsfile.zdd; it needs the plugins JUnit and HTML Publisher.${sayNeeds(needs, COMMIT.jenkins, 'in `environment`, by `credentials()`')}`,
        },
      ];
  }
}

/** What is left to do about the variables, the secrets, and the way from the runner to the target. */
function sayNeeds(needs: Needs, commit: string, place: string): string {
  const { hasRelease, others } = splitNeeds(needs);
  const host = needs.url === null || !URL.canParse(needs.url) ? '' : new URL(needs.url).hostname;
  const isLoopback = /^(?:127\.[\d.]+|localhost|\[::1\])$/.test(host);
  return [
    hasRelease
      ? ` RELEASE is the commit there, ${commit}: change it where your deploy command is given something else.`
      : '',
    others.length === 0 ? '' : ` TODO in it: a value for ${others.map(({ name }) => name).join(', ')}.`,
    needs.secrets.length === 0 ? '' : ` The scenario reads ${needs.secrets.join(', ')}: put it ${place}.`,
    isLoopback
      ? ` The target is ${needs.url}: the job has to run on that machine, or to set another \`target.url\`.`
      : ` The runner has to reach the target${needs.url === null ? '' : `, ${needs.url}`}.`,
  ].join('');
}
