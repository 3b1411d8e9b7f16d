import { test } from 'vitest';
import { fileOf } from './scenarios.js';
import { loadScenario } from '../../src/scenario/load.js';
test('x', async () => {
  const big = Array.from({length: 60000}, (_,i)=>`key${i}: 1`).join('\n');
  const steps = 'version: 1\nname: x\ntarget: {url: "http://127.0.0.1"}\ntraffic: {rate: 5/s, mix: [{get: /}]}\nsteps:\n' + Array.from({length: 20000}, (_,i)=>`  - { nam: s${i}, run: 1 }`).join('\n');
  for (const c of [big, steps]) { const t=Date.now(); try { await loadScenario(fileOf(c),{env:{}}) } catch (e) { console.log(Date.now()-t, e.message.length, e.message.slice(0,300)) } }
}, 200000);
