import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What came on a connection until it ended, showed what was waited for, or was quiet for a while. */
export interface RawAnswer {
  text: string;
  end: 'fin' | 'rst' | 'open';
}

/** A connection that shows the bytes as they are: no parser between the test and the server. */
export interface RawConnection {
  socket: Socket;
  /** Sends a GET (or other bytes) and reads until the connection ends, `until` matches, or nothing comes for `quietMs`. */
  get(path: string, options?: { until?: RegExp; quietMs?: number; text?: string }): Promise<RawAnswer>;
}

export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
  await once(socket, 'connect');
  return {
    socket,
    get: (path, { until, quietMs = 5000, text = `GET ${path} HTTP/1.1\r\nhost: test\r\n\r\n` } = {}) =>
      new Promise((resolve) => {
        let received = '';
        const done = (end: RawAnswer['end']): void => {
          clearTimeout(quiet);
          socket.removeAllListeners();
          socket.on('error', () => {});
          if (end !== 'open') socket.destroy();
          resolve({ text: received, end });
        };
        const quiet = setTimeout(() => done('open'), quietMs);
        socket.on('data', (chunk) => {
          received += chunk.toString('latin1');
          quiet.refresh();
          if (until?.test(received)) done('open');
        });
        socket.on('end', () => done('fin'));
        socket.on('error', () => done('rst'));
        socket.write(text);
      }),
  };
}
