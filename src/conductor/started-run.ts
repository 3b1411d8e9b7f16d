import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExitCode } from '../model/exit-codes.js';
import { writeAtomically } from '../platform/files.js';
import { readStat } from '../platform/process-group.js';

/** Who records; written before the record begins. */
const STARTED_FILE = 'started.json';
/** What the pipeline asks of the recorder at its end. */
const STOP_FILE = 'stop.json';
/** The recorder's farewell: the last that it writes, once every output is there. */
const ENDED_FILE = 'ended.json';
/** What a recorder without a terminal says. */
export const RECORDER_LOG = 'recorder.log';

/** What the pipeline can say of its release. */
export const STATED_RELEASES = ['completed', 'failed', 'rolled-back', 'rollback-failed'] as const;
export type StatedRelease = (typeof STATED_RELEASES)[number];

const started = z.object({
  pid: z.int().positive(),
  startTicks: z.string().nullable(),
  /** The machine since its start, and the processes that can be seen there; null where the system does not say. */
  place: z.string().nullable(),
  target: z.string(),
});
const stop = z.object({ release: z.enum(STATED_RELEASES).nullable(), holdMs: z.number().nonnegative() });
const ended = z.object({ exitCode: z.int().nonnegative().max(255) });

/** The process that records a run which `start` began. */
export type Started = z.infer<typeof started>;
/** How a run that `start` began is to end; without a word of the release its phases tell. */
export type StopRequest = z.infer<typeof stop>;

/** Says in the run directory `dir` that this process records. */
export async function writeStarted(dir: string, target: string): Promise<void> {
  const self: Started = {
    pid: process.pid,
    startTicks: readStat(process.pid)?.startTicks ?? null,
    place: placeOf(),
    target,
  };
  await writeAtomically(join(dir, STARTED_FILE), JSON.stringify(self));
}

/** Null where `dir` is not the directory of a run that `start` began. */
export function readStarted(dir: string): Started | null {
  return read(dir, STARTED_FILE, started);
}

export async function writeStop(dir: string, request: StopRequest): Promise<void> {
  await writeAtomically(join(dir, STOP_FILE), JSON.stringify(request));
}

export function readStop(dir: string): StopRequest | null {
  return read(dir, STOP_FILE, stop);
}

export async function writeEnded(dir: string, exitCode: ExitCode): Promise<void> {
  await writeAtomically(join(dir, ENDED_FILE), JSON.stringify({ exitCode }));
}

/** With what the run ended; null while it goes on, and where its recorder was lost. */
export function readEnded(dir: string): { exitCode: ExitCode } | null {
  return read(dir, ENDED_FILE, ended) as { exitCode: ExitCode } | null;
}

/** The boot of the machine and the namespace of its processes: there a process number means one process. */
export function placeOf(): string | null {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

/** What does not read as it was written counts as not there: nobody else writes these files. */
function read<T>(dir: string, file: string, schema: z.ZodType<T>): T | null {
  const path = join(dir, file);
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
