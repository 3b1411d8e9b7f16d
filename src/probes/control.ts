import type { Probe } from './probe.js';
import { askSteadily } from './steady.js';

/** Asks what the release does not touch: where that fails too, the network or the harness is at fault. */
export const control: Probe<'control'> = { name: 'control', run: askSteadily };
