import { expect, it } from 'vitest';
import { createLoad } from '../../src/watchers/postgres-load.js';

it('counts the time in which somebody waits once, from its begin to between the looks that see its end', () => {
  const load = createLoad();
  load.look(1000, []);
  load.look(1100, [1040, 1060]);
  load.look(1200, [1040]);
  load.look(1300, []);
  load.look(1400, []);
  expect(load.second()).toEqual({ waiting: 2, blockedMs: 60 + 100 + 50 });
  expect(load.second()).toEqual({ waiting: 0, blockedMs: 0 });
  load.look(1500, [1450]);
  load.lost();
  load.look(3000, [1450]);
  expect(load.second()).toEqual({ waiting: 1, blockedMs: 50 });
});
