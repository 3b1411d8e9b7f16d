import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../setup/empty-folder.ts';
import { GENERATORS } from './generators.ts';

const LOAD = { url: 'http://127.0.0.1:1/', ratePerSec: 1000, seconds: 5, connections: 50, folder: '/nowhere' };

function read(name: string, stdout: string, folder = LOAD.folder) {
  return GENERATORS.find((each) => each.name === name)!.read(stdout, { ...LOAD, folder });
}

/** Parts of what the programs printed when they met a server with faults. */
const WRK = `Running 2s test @ http://127.0.0.1:8099/
  Latency Distribution
     50%  692.00us
     99%    2.71ms
  125579 requests in 2.00s, 14.85MB read
  Socket errors: connect 1, read 14, write 83637, timeout 2
  Non-2xx or 3xx responses: 3
Requests/sec:  62752.85
`;

const HEY = `
Latency distribution:
  95% in 0.0075 secs
  99% in 0.0198 secs

Status code distribution:
  [200]	2000 responses
  [503]	7 responses

Error distribution:
  [1999]	Get "http://127.0.0.1:8099/": dial tcp 127.0.0.1:8099: connect: connection refused
  [1]	Get "http://127.0.0.1:8099/": EOF

`;

const H2LOAD = `finished in 2.00s, 824.00 req/s, 99.78KB/s
requests: 1648 total, 1698 started, 1648 done, 1644 succeeded, 4 failed, 3 errored, 0 timeout
`;

describe('the output of a load generator', () => {
  it('of wrk is read: errors of all kinds, and the unit of its p99', () => {
    expect(read('wrk', WRK)).toEqual({
      failures: 1 + 14 + 83637 + 2 + 3,
      detail: 'connect 1, read 14, write 83637, timeout 2, non-2xx 3',
      p99Ms: 2.71,
      unsent: null,
      latenessMs: null,
    });
    expect(read('wrk', '     99%  500.00us\n')).toMatchObject({ failures: 0, detail: '', p99Ms: 0.5 });
    expect(read('wrk', '     99%    1.02s \n').p99Ms).toBe(1020);
  });

  it('of hey is read: errors and wrong statuses', () => {
    expect(read('hey', HEY)).toMatchObject({ failures: 2007, detail: 'errors 2000, non-2xx 7', p99Ms: 19.8 });
    expect(read('hey', HEY.split('Error distribution')[0]!)).toMatchObject({ failures: 7 });
  });

  it('of h2load is read, its p99 from the file with every request', async () => {
    const folder = await emptyFolder();
    const lines = Array.from({ length: 100 }, (_, index) => `1795258545405915\t200\t${(index + 1) * 1000}`);
    writeFileSync(join(folder, 'h2load.log'), `${lines.join('\n')}\n`);
    expect(read('h2load', H2LOAD, folder)).toMatchObject({ failures: 4, detail: 'failed 4, errored 3', p99Ms: 99 });
  });

  it('of autocannon is read from its JSON', () => {
    const result = { errors: 50, resets: 2, non2xx: 1, latency: { p99: 987 } };
    expect(read('autocannon', `${JSON.stringify(result)}\n`)).toMatchObject({
      failures: 51,
      detail: 'errors 50, resets 2, non-2xx 1',
      p99Ms: 987,
    });
  });

  it('that is none is an error, never a success', () => {
    expect(() => read('autocannon', '')).toThrow();
    expect(() => read('h2load', '')).toThrow();
    for (const name of ['wrk', 'hey']) expect(() => read(name, 'Segmentation fault')).toThrow();
  });
});
