import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectRedis, parseReply } from '../../src/watchers/redis.js';
import { freePort } from '../free-port.ts';
import { folder, type Watched, watching } from './drive.ts';
import { has, soon, start } from './servers.ts';

const value = (watched: Watched, subject: string) =>
  watched.all('value').findLast((each) => each.subject === subject)?.value;

const never = new AbortController().signal;

describe.runIf(has('redis-server', '--version'))('a watched queue', () => {
  async function redis(...more: string[]): Promise<{ url: string; port: number; restart: () => Promise<void> }> {
    const port = await freePort();
    const run = () =>
      start('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...more], { cwd: folder() });
    let server = run();
    const url = `redis://:s%2Fcret@127.0.0.1:${port}/2`;
    const up = () =>
      soon('redis', async () => {
        const connection = await connectRedis(`redis://127.0.0.1:${port}`, never).catch(() => null);
        connection?.close();
        return connection !== null;
      });
    await up();
    return {
      url,
      port,
      restart: async () => {
        server.kill('SIGKILL');
        await once(server, 'exit');
        server = run();
        await up();
      },
    };
  }

  it('has the length of a list, a sorted set, a set and a stream; one that is not there is empty', async () => {
    const { url } = await redis('--requirepass', 's/cret');
    const connection = await connectRedis(url, never);
    await connection.ask('RPUSH', 'rq:queue:default', 'a', 'b', 'c');
    await connection.ask('ZADD', 'delayed', '1', 'x', '2', 'y');
    await connection.ask('SADD', 'ids', '1');
    await connection.ask('XADD', 'events', '*', 'key', 'ü');
    const watched = watching('queue', { redis: url, keys: ['rq:queue:default', 'delayed', 'ids', 'events', 'none'] });
    await watched.until('all', () => value(watched, 'none') === 0);
    expect(['rq:queue:default', 'delayed', 'ids', 'events'].map((key) => value(watched, key))).toEqual([3, 2, 1, 1]);
    await connection.ask('LPOP', 'rq:queue:default');
    await watched.until('two', () => value(watched, 'rq:queue:default') === 2);
    connection.close();
  });

  it('is not seen while Redis is away, and again after it', async () => {
    const { port, restart } = await redis();
    const watched = watching('queue', { redis: `redis://127.0.0.1:${port}`, keys: ['jobs'] });
    await watched.sees();
    await restart();
    await watched.until('blind and back', () => watched.all('blind').length === 1 && watched.all('sees').length === 2);
  });

  it('is not seen without the password, nor where the key is no queue', async () => {
    const { port, url } = await redis('--requirepass', 's/cret');
    const refused = watching('queue', { redis: `redis://127.0.0.1:${port}`, keys: ['jobs'] });
    await refused.until('blind', () => refused.all('blind').length === 1);
    expect(refused.all('blind')[0]?.detail).toContain('NOAUTH');
    const connection = await connectRedis(url, never);
    await connection.ask('SET', 'text', 'x');
    expect(await connection.ask('GET', 'text')).toBe('x');
    expect(await connection.ask('GET', 'none')).toBeNull();
    connection.close();
    const text = watching('queue', { redis: url, keys: ['text'] });
    await text.until('blind', () => text.all('blind').length === 1);
    expect(text.all('blind')[0]?.detail).toBe('text is a string, which has no length');
  });
});

it('a server that never answers, or says something else, is not waited for', async () => {
  const server = createServer((socket) =>
    socket.on('error', () => {}).on('data', () => socket.write('HTTP/1.1 400\r\n')),
  ).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const watched = watching('queue', { redis: `redis://127.0.0.1:${port}`, keys: ['jobs'] });
  await watched.until('blind', () => watched.all('blind').length === 1);
  expect(watched.all('blind')[0]?.detail).toBe('the answer is none of Redis');
});

it('a reply is read once it is complete', () => {
  const whole = Buffer.from('$5\r\nhel\r\n\r\n');
  expect(parseReply(whole)).toBe('hel\r\n');
  for (let length = 0; length < whole.length; length += 1)
    expect(parseReply(whole.subarray(0, length))).toBeUndefined();
});
