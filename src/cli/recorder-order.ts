import type { ExitCode } from '../model/exit-codes.js';
import type { PipelineOptions } from './pipeline-scenario.js';

/** From `start --detach` to its recorder: what to record, once; then that it is left alone. */
export type ToRecorder = { type: 'record'; order: RecorderOrder } | { type: 'go-on' };

export interface RecorderOrder extends PipelineOptions {
  /** Folder of the run directory, absolute. */
  out: string;
  runId: string;
  /** Directories of earlier runs to compare with. */
  base: readonly string[];
  /** Only the end into its log. */
  quiet: boolean;
}

/** From the recorder to `start --detach`. */
export type FromRecorder =
  | { type: 'loaded' }
  | { type: 'baseline-holds' }
  | { type: 'ended'; exitCode: ExitCode }
  /** Nothing was recorded; `code` is that of a ZddError, or null for a fault. */
  | { type: 'refused'; code: string | null; message: string; hint: string | null };
