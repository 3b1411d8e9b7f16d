import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** Serves the files of one folder on loopback, each with this policy. */
export async function serveFolder(
  dir: string,
  policy: () => string,
): Promise<{ url: string; close(): Promise<unknown> }> {
  const server = createServer((request, response) => {
    const name = basename(new URL(request.url ?? '/', 'http://localhost').pathname);
    const type = name.endsWith('.css') ? 'text/css' : name.endsWith('.html') ? 'text/html; charset=utf-8' : null;
    if (type === null) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy() });
    createReadStream(join(dir, name)).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/report.html`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
