// Joins a Unix socket (argument 1) with an address (2: host, 3: port) of the network that this runs in, until its input ends.
import { connect, createServer } from 'node:net';

const [path, host, port] = process.argv.slice(2);
const server = createServer((near) => {
  const far = connect(Number(port), host);
  for (const [from, to] of [
    [near, far],
    [far, near],
  ])
    from
      .on('error', () => to.destroy())
      .on('close', () => to.destroy())
      .pipe(to);
});
server.listen(path, () => console.log('ready'));
process.stdin.on('end', () => process.exit(0)).resume();
