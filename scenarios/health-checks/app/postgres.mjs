// As much of PostgreSQL's protocol (version 3) as a query without parameters over a Unix socket takes, so that the
// scenario needs nothing from npm. An app of your own takes `pg`.
import net from 'node:net';

const QUERY_MS = 10_000;
const PROTOCOL = 196_608;

/** One connection, made anew where it was lost; queries wait for each other. */
export class Database {
  #socket = null;
  #last = Promise.resolve();

  /** Rows of texts. */
  query(sql) {
    const result = this.#last.then(async () => {
      this.#socket ??= await connect();
      return ask(this.#socket, sql);
    });
    this.#last = result.catch((error) => {
      if (error.fromServer) return;
      this.#socket?.destroy();
      this.#socket = null;
    });
    return result;
  }
}

async function connect() {
  const socket = net.connect(`${process.env.PGHOST}/.s.PGSQL.5432`);
  const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(PROTOCOL, 4);
  socket.write(Buffer.concat([head, parameters]));
  await rowsOf(socket);
  return socket;
}

function ask(socket, sql) {
  const text = Buffer.from(`${sql}\0`);
  const head = Buffer.from('Q\0\0\0\0');
  head.writeInt32BE(4 + text.length, 1);
  socket.write(Buffer.concat([head, text]));
  return rowsOf(socket);
}

/** Reads messages until the server is ready for the next query. */
function rowsOf(socket) {
  return new Promise((resolve, reject) => {
    const rows = [];
    let failed = null;
    let bytes = Buffer.alloc(0);
    const end = (error) => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', end).off('close', onClose);
      if (error) reject(error);
      else resolve(rows);
    };
    const onClose = () => end(new Error('the database closed the connection'));
    const onData = (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 5 && bytes.length > bytes.readInt32BE(1)) {
        const type = String.fromCharCode(bytes[0]);
        const body = bytes.subarray(5, 1 + bytes.readInt32BE(1));
        bytes = bytes.subarray(1 + bytes.readInt32BE(1));
        if (type === 'D') rows.push(fields(body));
        if (type === 'E') failed = Object.assign(new Error(messageOf(body)), { fromServer: true });
        if (type === 'Z') return end(failed);
      }
    };
    const timer = setTimeout(() => end(new Error('the database does not answer')), QUERY_MS);
    socket.on('data', onData).on('error', end).on('close', onClose);
  });
}

function fields(body) {
  let at = 2;
  return Array.from({ length: body.readInt16BE(0) }, () => {
    const length = body.readInt32BE(at);
    at += 4 + Math.max(0, length);
    return length < 0 ? null : body.toString('utf8', at - length, at);
  });
}

function messageOf(body) {
  const parts = body.toString('utf8').split('\0');
  return parts.find((part) => part.startsWith('M'))?.slice(1) ?? 'the database refused the query';
}
