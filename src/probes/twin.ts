import type { Probe } from './probe.js';
import { askSteadily } from './steady.js';

/** Asks a backend past the proxy: where it answers and the target does not, the proxy is at fault. */
export const twin: Probe<'twin'> = { name: 'twin', run: askSteadily };
