import type { ReleaseInfo } from '../model/release.js';
import type { Path, Report } from './problem.js';
import type { CheckedScenario } from './schema.js';
import { show } from './suggest.js';

/** Reads `release`; an empty text is as good as none. Which commit the repository is at is asked when the run begins. */
export function readReleaseInfo(input: CheckedScenario['release'], path: Path, report: Report): ReleaseInfo {
  const told = (text: string | undefined) => (text === undefined || text === '' ? null : text);
  const { name, git, url } = input ?? {};
  if (told(url) !== null && !/^https?:\/\/[^\s/@]+(?:[/?#]\S*)?$/.test(url as string)) {
    report([...path, 'url'], `expected an \`http:\` or \`https:\` URL without credentials, got ${show(url)}`);
  }
  return { name: told(name), git: told(git), gitFrom: told(git) === null ? null : 'scenario', url: told(url) };
}
