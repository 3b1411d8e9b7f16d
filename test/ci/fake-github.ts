import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Comment {
  id: string;
  author: { login: string } | null;
  body: string;
}

interface FakeGithub {
  url: string;
  comments: Comment[];
  /** What was asked, and with which token. */
  asked: { token: string; kind: 'find' | 'add' | 'update' }[];
}

/** GitHub's GraphQL interface on the loopback, with one pull request (number 7); `refuse` answers in its place. */
export async function fakeGithub(
  options: { comments?: Comment[]; refuse?: object | number } = {},
): Promise<FakeGithub> {
  const fake: FakeGithub = { url: '', comments: options.comments ?? [], asked: [] };
  const server = createServer(async (request, response) => {
    const { query, variables } = JSON.parse(await bodyOf(request)) as Question;
    const kind = query.includes('addComment') ? 'add' : query.includes('updateIssueComment') ? 'update' : 'find';
    fake.asked.push({ token: request.headers.authorization ?? '', kind });
    const refused = options.refuse;
    if (typeof refused === 'number') response.writeHead(refused);
    response.end(JSON.stringify(refused ?? { data: answers[kind](fake.comments, variables) }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  return fake;
}

interface Question {
  query: string;
  variables: { number?: number; first?: number; after?: string | null; body?: string; comment?: string };
}

const answers = {
  find(comments: Comment[], { number, first = 50, after }: Question['variables']) {
    const from = Number(after ?? 0);
    const nodes = comments.slice(from, from + first);
    const pageInfo = { hasNextPage: from + first < comments.length, endCursor: String(from + first) };
    const pullRequest = number === 7 ? { id: 'PR_7', comments: { nodes, pageInfo } } : null;
    return { viewer: { login: 'github-actions[bot]' }, repository: { pullRequest } };
  },
  add(comments: Comment[], { body = '' }: Question['variables']) {
    comments.push({ id: `C_${comments.length}`, author: { login: 'github-actions' }, body });
    return {};
  },
  update(comments: Comment[], { comment, body = '' }: Question['variables']) {
    for (const each of comments) if (each.id === comment) each.body = body;
    return {};
  },
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
