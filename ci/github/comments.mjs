// Comments of a pull request, by GitHub's GraphQL interface: the one that says for any kind of token whose they are.

const PAGE = 50;
/** A thousand comments are looked through. */
const MOST_PAGES = 20;
const TIMEOUT_MS = 15_000;

/**
 * The pull request's id, and the id of this token's own comment that begins with `mark`; null where there is none yet.
 * Anyone can write the mark into a comment of theirs, which is not ours to change.
 */
export async function findComment(api, { repository, number, mark }) {
  const [owner, name] = repository.split('/');
  let after = null;
  let pullRequest = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const data = await ask(api, FIND, { owner, name, number, after, first: PAGE });
    const found = data.repository?.pullRequest;
    if (!found) throw new Error(`there is no pull request ${number} in ${repository}`);
    pullRequest = found.id;
    const login = data.viewer.login.replace(/\[bot\]$/, '');
    const own = found.comments.nodes.find(({ author, body }) => author?.login === login && body.startsWith(mark));
    if (own !== undefined) return { pullRequest, existing: own.id };
    if (!found.comments.pageInfo.hasNextPage) break;
    after = found.comments.pageInfo.endCursor;
  }
  return { pullRequest, existing: null };
}

export async function addComment(api, pullRequest, body) {
  await ask(api, ADD, { pullRequest, body });
}

export async function updateComment(api, comment, body) {
  await ask(api, UPDATE, { comment, body });
}

const FIND = `query ($owner: String!, $name: String!, $number: Int!, $first: Int!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id
      comments(first: $first, after: $after) {
        nodes { id body author { login } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;
const ADD = `mutation ($pullRequest: ID!, $body: String!) {
  addComment(input: { subjectId: $pullRequest, body: $body }) { clientMutationId }
}`;
const UPDATE = `mutation ($comment: ID!, $body: String!) {
  updateIssueComment(input: { id: $comment, body: $body }) { clientMutationId }
}`;

/** One question. What is thrown never holds the token; an answer elsewhere than where it was asked is none. */
async function ask({ url, token }, query, variables) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'user-agent': 'zdd-verify' },
    body: JSON.stringify({ query, variables }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`GitHub answered ${answer.status}`);
  const { data, errors } = await answer.json();
  if (errors?.length > 0) throw new Error(`GitHub answered: ${errors[0].message}`);
  return data;
}
