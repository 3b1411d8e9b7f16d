import { createHash } from 'node:crypto';

/** Two runs differ in every random value; one run can be repeated with its seed. */
export function seedOfRun(runId: string): number {
  return createHash('sha256').update(runId).digest().readUInt32BE(0);
}
