/**
 * How the servers of the tests are told what to do: commands as JSON lines on stdin, or as `POST /` with the same JSON
 * on a second port; neither is counted. A server ends when its stdin closes.
 */
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const HOST = process.env.ADDRESS ?? '127.0.0.1';

/**
 * Takes commands; says on stdout where, and on which port the server itself listens, once `port` gives one.
 * @param {Record<string, (options: any) => unknown>} commands by name, `do` in the JSON
 * @param {() => number | null} port
 */
export function takeCommands(commands, port) {
  const obey = async (/** @type {{ do?: string }} */ { do: name = '', ...options }) => {
    try {
      const command = commands[name];
      if (command === undefined) throw new Error(`no such command: ${name}`);
      return { result: (await command(options)) ?? null };
    } catch (error) {
      return { error: String(error) };
    }
  };
  const input = createInterface({ input: process.stdin });
  input.on('line', async (line) => {
    const { id, ...command } = JSON.parse(line);
    say({ id, ...(await obey(command)) });
  });
  input.on('close', () => process.exit(0));
  const server = createServer((request, response) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      const reply = await obey(JSON.parse(Buffer.concat(chunks).toString() || '{"do":"counts"}'));
      response.writeHead('error' in reply ? 400 : 200, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify('error' in reply ? reply : (reply.result ?? null)));
    });
  });
  const ready = () => {
    const own = port();
    if (own === null) return setImmediate(ready);
    const { port: controlPort } = /** @type {import('node:net').AddressInfo} */ (server.address());
    say({ ready: true, port: own, controlPort, pid: process.pid });
  };
  server.listen(0, HOST, ready);
}

/** CLOCK_MONOTONIC in ns as text: comparable between processes of one machine. */
export function now() {
  return String(process.hrtime.bigint());
}

/** @param {unknown} message */
function say(message) {
  process.stdout.write(`${JSON.stringify(message).replaceAll('\u2028', '\\u2028')}\n`);
}
