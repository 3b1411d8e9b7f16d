// Keeps the summary of the run in one comment on the pull request: found again by a mark that is not shown, and brought up
// to date. Nothing that goes wrong here fails the job: the verdict is the run's.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addComment, findComment, updateComment } from './comments.mjs';
import { annotate } from './workflow.mjs';

/** GitHub refuses a body of 65,536 characters or more. */
const MOST_BYTES = 60_000;

try {
  await comment(process.env);
} catch (error) {
  const denied = /not accessible by|401|403/.test(error.message);
  const hint = 'the job needs `permissions: pull-requests: write`, which workflows of forks never have';
  annotate('warning', `no comment on the pull request: ${error.message.slice(0, 300)}${denied ? ` (${hint})` : ''}`);
}

async function comment(env) {
  const number = pullRequestOf(env);
  const file = join(env.ZDD_ACTION_RUN_DIR, 'summary.md');
  if (number === null || !existsSync(file)) return;
  const mark = markOf(env.INPUT_COMMENT_KEY ?? '');
  const body = bodyOf(mark, readFileSync(file, 'utf8'), jobOf(env));
  const api = { url: env.GITHUB_GRAPHQL_URL ?? 'https://api.github.com/graphql', token: env.INPUT_TOKEN ?? '' };
  const { pullRequest, existing } = await findComment(api, { repository: env.GITHUB_REPOSITORY ?? '', number, mark });
  if (existing === null) await addComment(api, pullRequest, body);
  else await updateComment(api, existing, body);
}

/** The pull request that is named, else the one the event is about; null where there is none. */
function pullRequestOf(env) {
  const named = env.INPUT_PULL_REQUEST ?? '';
  if (named !== '') {
    if (!/^[1-9]\d{0,8}$/.test(named)) throw new Error('`pull-request` is a number');
    return Number(named);
  }
  if (!env.GITHUB_EVENT_PATH || !existsSync(env.GITHUB_EVENT_PATH)) return null;
  const event = JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, 'utf8'));
  const number = event.pull_request?.number ?? (event.issue?.pull_request ? event.issue.number : null);
  return Number.isInteger(number) ? number : null;
}

/** An HTML comment: nothing in the key can end it. */
function markOf(key) {
  const plain = key
    .replace(/[^\p{L}\p{N},./_-]+/gu, ' ')
    .replace(/-{2,}/g, '-')
    .trim();
  return `<!-- zdd-verify: ${plain.slice(0, 200).replace(/-+$/, '')} -->`;
}

function bodyOf(mark, summary, job) {
  const foot = job === null ? '' : `\n\n<sub>[The job, with the whole report](${job})</sub>`;
  const room = MOST_BYTES - Buffer.byteLength(mark) - Buffer.byteLength(foot) - 200;
  return `${mark}\n${shortened(summary, room)}${foot}\n`;
}

/** Whole lines of at most `room` bytes; a block of text that is cut open is closed. */
function shortened(text, room) {
  if (Buffer.byteLength(text) <= room) return text.trimEnd();
  let bytes = 0;
  const kept = [];
  for (const line of text.split('\n')) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > room) break;
    kept.push(line);
  }
  const open = kept.filter((line) => line.startsWith('```')).length % 2 === 1;
  return `${kept.join('\n')}\n${open ? '```\n' : ''}\nThe summary goes on in the report.`;
}

function jobOf({ GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID }) {
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !/^\d+$/.test(GITHUB_RUN_ID ?? '')) return null;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
}
