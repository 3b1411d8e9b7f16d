import type { ProbeName } from '../model/probe.js';
import { assets } from './assets.js';
import { control } from './control.js';
import { idle } from './idle.js';
import { inflight } from './inflight.js';
import { ledger } from './ledger.js';
import type { Probe } from './probe.js';
import { session } from './session.js';
import { sse } from './sse.js';
import { twin } from './twin.js';
import { upload } from './upload.js';
import { websocket } from './websocket.js';

/** Every probe, one line each. */
export const REGISTRY: { [Name in ProbeName]: Probe<Name> } = {
  idle,
  inflight,
  upload,
  websocket,
  sse,
  assets,
  session,
  ledger,
  twin,
  control,
};
