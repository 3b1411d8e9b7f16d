// Answers with the version that a file holds: `node server.mjs VERSION_FILE`. Prints its URL.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [, , versionFile] = process.argv;
const server = createServer((_, response) => {
  const version = readFileSync(versionFile, 'utf8').trim();
  response.writeHead(200, { 'content-type': 'text/plain', 'x-release': version }).end(`release ${version}\n`);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
