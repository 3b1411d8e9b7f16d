import { resolve } from 'node:path';
import { execa } from 'execa';
import { endGroup } from './process-group.js';

/** A program of a kubeconfig that logs in: `aws eks get-token` and the like. */
export interface ExecPlugin {
  command?: unknown;
  args?: unknown;
  env?: unknown;
  apiVersion?: unknown;
}

export interface ExecCredential {
  token: string | null;
  /** PEM. */
  cert: string | null;
  key: string | null;
  /** When it ends, ms since 1970; infinite where it does not say. */
  until: number;
}

const MAX_BYTES = 256 * 1024;
const GRACE_MS = 500;

/**
 * Runs the plugin once, in a process group of its own that is ended after `timeoutMs`. Nothing of what it writes is in an
 * error: it may be a token. A relative path of a program counts from `dir`, the folder of the kubeconfig.
 * @throws where it fails, is late, or says no credential.
 */
export async function execCredential(
  { command, args, env, apiVersion }: ExecPlugin,
  dir: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ExecCredential> {
  if (typeof command !== 'string' || command === '') throw new Error('the kubeconfig names no program to log in with');
  const file = command.includes('/') ? resolve(dir, command) : command;
  const info = { kind: 'ExecCredential', apiVersion, spec: { interactive: false } };
  const child = execa(file, words(args), {
    env: { ...variables(env), KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    stdin: 'ignore',
    stderr: 'ignore',
    reject: false,
    detached: true,
    cleanup: false,
    maxBuffer: MAX_BYTES,
  });
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const late = new Promise<null>((done) => {
    if (inTime.aborted) done(null);
    inTime.addEventListener('abort', () => done(null), { once: true });
  });
  try {
    const ended = await Promise.race([child, late]);
    if (ended === null) throw new Error(`${command}, which logs in, did not end within ${timeoutMs / 1000} s`);
    if (ended.exitCode !== 0) throw new Error(`${command}, which logs in, ${whyOf(ended)}`);
    return credentialIn(String(ended.stdout ?? ''), command);
  } finally {
    if (child.pid !== undefined) void endGroup(child.pid, GRACE_MS);
  }
}

function whyOf({ exitCode, code }: { exitCode?: number | undefined; code?: string | undefined }): string {
  if (exitCode !== undefined) return `ended with exit code ${exitCode}`;
  return code === undefined ? 'was ended, or said too much' : `cannot be started: ${code}`;
}

function credentialIn(text: string, command: string): ExecCredential {
  const status = statusIn(text);
  const field = (name: string): string | null => {
    const value = status?.[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const [token, cert, key] = [field('token'), field('clientCertificateData'), field('clientKeyData')];
  if (token === null && (cert === null || key === null))
    throw new Error(`${command}, which logs in, says no credential`);
  const until = Date.parse(field('expirationTimestamp') ?? '');
  return { token, cert, key, until: Number.isNaN(until) ? Number.POSITIVE_INFINITY : until };
}

/** Null where it is no JSON: its words may be a token. */
function statusIn(text: string): Record<string, unknown> | null {
  try {
    return (JSON.parse(text) as { status?: Record<string, unknown> } | null)?.status ?? null;
  } catch {
    return null;
  }
}

function words(args: unknown): string[] {
  return Array.isArray(args) ? args.map(String) : [];
}

function variables(env: unknown): Record<string, string> {
  const entries = Array.isArray(env) ? (env as { name?: unknown; value?: unknown }[]) : [];
  return Object.fromEntries(entries.map(({ name, value }) => [String(name), String(value ?? '')]));
}
