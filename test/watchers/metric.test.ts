import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../free-port.ts';
import { folder, type Watched, watching } from './drive.ts';
import { has, soon, start } from './servers.ts';

const asking = (prometheus: string, query: string) => watching('metric', { prometheus, query, headers: {} });
const blind = async (watched: Watched) => {
  await watched.until('blind', () => watched.all('blind').length > 0);
  return watched.all('blind')[0]?.detail;
};

describe.runIf(has('prometheus', '--version'))('a watched metric of Prometheus', () => {
  it('is asked for once a second, each series on its own; a query that is none is said to be so', async () => {
    let orders = 40;
    const app = await serve((_, response) =>
      response.end(`# TYPE orders_total counter\norders_total{kind="a b"} ${orders}\norders_total{kind="c"} 7\n`),
    );
    const dir = folder();
    const port = await freePort();
    const config = join(dir, 'prometheus.yml');
    writeFileSync(
      config,
      `scrape_configs: [{ job_name: shop, scrape_interval: 200ms, scrape_timeout: 200ms, static_configs: [{ targets: ["127.0.0.1:${app}"] }] }]\n`,
    );
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    start('prometheus', flags, { cwd: dir });
    const url = `http://127.0.0.1:${port}`;
    await soon('ready', () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    const watched = asking(url, 'orders_total');
    const series = `orders_total{instance="127.0.0.1:${app}",job="shop",kind="a b"}`;
    await watched.until('40', () =>
      watched.all('value').some(({ subject, value }) => subject === series && value === 40),
    );
    orders = 52;
    await watched.until('52', () =>
      watched.all('value').some(({ subject, value }) => subject === series && value === 52),
    );
    expect(new Set(watched.all('value').map(({ subject }) => subject)).size).toBe(2);

    const sum = asking(url, 'sum(orders_total)');
    await sum.until('59', () => sum.all('value').some(({ subject, value }) => subject === '{}' && value === 59));
    expect(await blind(asking(url, 'orders_total{'))).toMatch(/^Prometheus refuses the query: /);
    expect(await blind(asking(url, 'no_such_metric'))).toBe('the query no_such_metric gives no value');
  });
});

describe('a metric is not seen', () => {
  it('where nothing answers, or not in time', async () => {
    expect(await blind(asking(`http://127.0.0.1:${await freePort()}`, 'up'))).toContain('ECONNREFUSED');
    const port = await serve(() => {});
    expect(await blind(asking(`http://127.0.0.1:${port}`, 'up'))).toBe('no answer within 3000 ms');
  });

  it.each([
    ['the answer is none of Prometheus', (response) => response.end('hello')],
    ['Prometheus answers with 502', (response) => response.writeHead(502).end('<html>')],
    ['an answer of more than 1048576 bytes', (response) => response.end('x'.repeat(2_000_000))],
    [
      'the query up gives no value',
      (response) =>
        response.end('{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"NaN"]}]}}'),
    ],
  ] as [string, (response: Parameters<RequestListener>[1]) => void][])('%s', async (detail, answer) => {
    const port = await serve((_, response) => answer(response));
    expect(await blind(asking(`http://127.0.0.1:${port}`, 'up'))).toBe(detail);
  });
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
