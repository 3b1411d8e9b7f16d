import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { SelfWatch } from '../../src/engine/self-watch.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function selfWatch(): SelfWatch {
  const watch = new SelfWatch();
  onTestFinished(() => watch.close());
  return watch;
}

it('looks at itself once a second', () => {
  const watch = selfWatch();
  expect(watch.observe(10)).toMatchObject({ cpu: 0 });
  expect(watch.observe(1009)).toBeNull();
  expect(watch.observe(1010)).not.toBeNull();
});

it('tells the garbage collections since it looked last, and the longest of them', async () => {
  const watch = selfWatch();
  watch.observe(0);
  let now = 0;
  const seen = async () => {
    collect();
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    now += 1000;
    return watch.observe(now)?.gcMs.total;
  };
  await expect.poll(seen).toBeGreaterThan(0);
  const after = watch.observe(now + 1000)?.gcMs;
  expect(after?.max).toBeLessThanOrEqual(after?.total ?? 0);
});
