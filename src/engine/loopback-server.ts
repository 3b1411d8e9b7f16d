import { createServer, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';

/**
 * Entry point of the thread that calibration sends to: the least a server can do, so that what is measured is this
 * machine and the sender. Answers requests without a body, one at a time on each connection; posts its port.
 */
if (parentPort !== null) {
  const port = parentPort;
  const server = createServer({ noDelay: true }, serve);
  server.listen(0, '127.0.0.1', 4096, () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') port.postMessage(address.port);
  });
}

const KEEP = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\n\r\nok\n';
const CLOSE = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\nconnection: close\r\n\r\nok\n';

function serve(socket: Socket): void {
  let head = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    head += text;
    if (!head.endsWith('\r\n\r\n')) return;
    if (/\r\nconnection: *close\r\n/i.test(head)) socket.end(CLOSE);
    else socket.write(KEEP);
    head = '';
  });
  socket.on('error', () => socket.destroy());
}
