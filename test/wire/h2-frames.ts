import { createServer, type Socket } from 'node:net';
import { endpointOf } from '../../src/wire/endpoint.js';

const PREFACE_BYTES = 24;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;

/** A connection of a server that sends the frames it is told to, right or wrong, and counts what came in. */
export interface FrameConnection {
  socket: Socket;
  /** Streams that the client opened, in order. */
  streams: number[];
  /** Frames of the client after the preface. */
  received: { type: string; stream: number; flags: number; payload: Buffer }[];
  /** With the acknowledgement of the client's: nothing may go before the server's own. */
  settings(maxStreams?: number): void;
  head(stream: number, options?: { status?: number; end?: boolean; headers?: Record<string, string> }): void;
  data(stream: number, text: string, end?: boolean): void;
  rst(stream: number, code: number): void;
  goaway(lastStream: number, code: number): void;
  ping(): void;
}

export interface FrameServer {
  origin: string;
  endpoint: ReturnType<typeof endpointOf> & { protocol: 'h2' };
  connections: FrameConnection[];
  /** Ends once `condition` holds; it is looked at whenever a frame or the end of a connection came. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface FrameScript {
  /** Called when the client's preface came; SETTINGS without a limit by default. */
  connected?(connection: FrameConnection): void;
  /** Called for each request, with its number on the connection from 1, once its last byte came. */
  request?(connection: FrameConnection, stream: number, nth: number): void;
  /** Called for each request when its headers came. */
  begun?(connection: FrameConnection, stream: number, nth: number): void;
}

const TYPES = ['DATA', 'HEADERS', 'PRIORITY', 'RST_STREAM', 'SETTINGS', 'PUSH_PROMISE', 'PING', 'GOAWAY', 'WINDOW'];

export async function startFrameServer(script: FrameScript): Promise<FrameServer> {
  const connections: FrameConnection[] = [];
  const watchers = new Set<() => void>();
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    const connection = frameConnection(socket);
    connections.push(connection);
    serve(connection, script, changed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    endpoint: { ...endpointOf(origin), protocol: 'h2' },
    connections,
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition()) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    stop: () =>
      new Promise((resolve) => {
        for (const { socket } of connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function serve(connection: FrameConnection, script: FrameScript, changed: () => void): void {
  let read = Buffer.alloc(0);
  let greeted = false;
  connection.socket.on('error', () => {});
  connection.socket.on('close', changed);
  connection.socket.on('data', (piece) => {
    read = Buffer.concat([read, piece]);
    if (!greeted) {
      if (read.length < PREFACE_BYTES) return;
      read = read.subarray(PREFACE_BYTES);
      greeted = true;
      if (script.connected === undefined) connection.settings();
      else script.connected(connection);
    }
    while (read.length >= 9 && read.length >= 9 + read.readUIntBE(0, 3)) {
      const length = read.readUIntBE(0, 3);
      const frame = { type: TYPES[read[3]!]!, flags: read[4]!, stream: read.readUInt32BE(5) };
      connection.received.push({ ...frame, payload: read.subarray(9, 9 + length) });
      read = read.subarray(9 + length);
      if (frame.type === 'HEADERS') {
        connection.streams.push(frame.stream);
        script.begun?.(connection, frame.stream, connection.streams.length);
      }
      const ends = (frame.type === 'HEADERS' || frame.type === 'DATA') && (frame.flags & END_STREAM) !== 0;
      if (ends) script.request?.(connection, frame.stream, connection.streams.indexOf(frame.stream) + 1);
    }
    changed();
  });
}

function frameConnection(socket: Socket): FrameConnection {
  const send = (type: number, flags: number, stream: number, payload?: Buffer): void => {
    if (!socket.destroyed) socket.write(frameOf(type, flags, stream, payload));
  };
  return {
    socket,
    streams: [],
    received: [],
    settings(maxStreams) {
      send(4, 0, 0, maxStreams === undefined ? Buffer.alloc(0) : Buffer.concat([u16(3), u32(maxStreams)]));
      send(4, 1, 0);
    },
    head(stream, { status = 200, end = false, headers = {} } = {}) {
      const block: Buffer[] = [Buffer.from([0x08, 3]), Buffer.from(String(status))];
      for (const [name, value] of Object.entries(headers)) block.push(Buffer.from([0]), text(name), text(value));
      sendBlock(send, stream, Buffer.concat(block), end);
    },
    data: (stream, body, end = false) => send(0, end ? END_STREAM : 0, stream, Buffer.from(body)),
    rst: (stream, code) => send(3, 0, stream, u32(code)),
    goaway: (lastStream, code) => send(7, 0, 0, Buffer.concat([u32(lastStream), u32(code)])),
    ping: () => send(6, 0, 0, Buffer.from('12345678')),
  };
}

/** HEADERS and as many CONTINUATIONs as it takes. */
function sendBlock(
  send: (type: number, flags: number, stream: number, payload?: Buffer) => void,
  stream: number,
  block: Buffer,
  end: boolean,
): void {
  const most = 16_384;
  for (let at = 0; at === 0 || at < block.length; at += most) {
    const last = at + most >= block.length ? END_HEADERS : 0;
    send(at === 0 ? 1 : 9, (at === 0 && end ? END_STREAM : 0) | last, stream, block.subarray(at, at + most));
  }
}

/** A text in HPACK, without Huffman coding (RFC 7541, 5.1 and 5.2). */
function text(value: string): Buffer {
  const bytes: number[] = [];
  let rest = value.length - 127;
  if (rest < 0) bytes.push(value.length);
  else {
    bytes.push(127);
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  }
  return Buffer.concat([Buffer.from(bytes), Buffer.from(value)]);
}

function frameOf(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
