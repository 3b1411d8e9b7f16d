import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { endOf } from '../model/cut.js';

/** Output of one script beyond this ends the shell. */
const OUTPUT_BYTES = 8 * 1024 * 1024;
const STDERR_CHARS = 2000;

export const LOCAL_SHELL: readonly string[] = ['sh'];

export interface ShellResult {
  output: Buffer;
  exitCode: number;
}

/**
 * A POSIX shell on this machine, or behind a command that brings one elsewhere (`ssh host`, `docker exec -i web`), which
 * runs one script after the other. It ends when this process does.
 */
export class Shell {
  readonly #child: ChildProcess;
  readonly #mark = `zdd-${randomBytes(12).toString('hex')}`;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #stderr = '';
  #failure: Error | null = null;
  #waiting: ((outcome: ShellResult | Error) => void) | null = null;

  /** `words`: the command that is, or brings, a POSIX shell which reads what is to be done. */
  constructor(words: readonly string[] = LOCAL_SHELL) {
    const [file, ...args] = words;
    // Ctrl-C in the terminal is for this process alone.
    this.#child = spawn(file as string, args, { stdio: 'pipe', detached: true });
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('close', (code, signal) =>
      this.#fail(new Error(`${file} ended (${signal ?? code})${reasonOf(this.#stderr)}`)),
    );
    this.#child.stdin?.on('error', () => {});
    this.#child.stderr?.on('data', (chunk) => {
      this.#stderr = endOf(`${this.#stderr}${chunk}`, STDERR_CHARS);
    });
    this.#child.stdout?.on('data', (chunk) => this.#hear(chunk));
  }

  /**
   * Runs a script in a subshell and returns what it wrote to its standard output.
   * @throws where there is no shell, or no answer in time: it is closed then.
   */
  run(script: string, timeoutMs: number): Promise<ShellResult> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      const timer = setTimeout(() => this.#fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      this.#waiting = (outcome) => {
        clearTimeout(timer);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      this.#child.stdin?.write(`(\n${script}\n) </dev/null\nprintf '\\n%s %s\\n' ${this.#mark} "$?"\n`);
    });
  }

  close(): void {
    this.#fail(new Error('the shell was closed'));
  }

  #hear(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > OUTPUT_BYTES) this.#fail(new Error(`more than ${OUTPUT_BYTES} bytes of output`));
    // The mark may lie across two chunks; it always ends with the line.
    if (chunk.at(-1) !== 10) return;
    const output = Buffer.concat(this.#chunks);
    this.#chunks = [output];
    const at = output.lastIndexOf(`\n${this.#mark} `);
    if (at === -1) return;
    const exitCode = Number.parseInt(output.toString('latin1', at + this.#mark.length + 2), 10);
    this.#chunks = [];
    this.#bytes = 0;
    this.#settle({ output: output.subarray(0, at), exitCode });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    endTree(this.#child);
    this.#settle(this.#failure);
  }

  #settle(outcome: ShellResult | Error): void {
    const settled = this.#waiting;
    this.#waiting = null;
    settled?.(outcome);
  }
}

/**
 * Runs a simple command, in the syntax of the shell, that goes on writing. It is ended by the returned function, and at
 * the latest with this process. `onEnd` is told why it ended by itself.
 */
export function follow(
  words: readonly string[],
  command: string,
  { onChunk, onEnd }: { onChunk(chunk: Buffer): void; onEnd(detail: string): void },
): () => void {
  const [file, ...args] = words;
  const child = spawn(file as string, args, { stdio: 'pipe', detached: true });
  let stderr = '';
  let over = false;
  const end = (detail: string): void => {
    if (over) return;
    over = true;
    onEnd(`${detail}${reasonOf(stderr)}`);
  };
  child.on('error', (error) => end(error.message));
  child.on('close', (code, signal) => end(`it ended (${signal ?? code})`));
  child.stdin?.on('error', () => {});
  child.stderr?.on('data', (chunk) => {
    stderr = endOf(`${stderr}${chunk}`, STDERR_CHARS);
  });
  child.stdout?.on('data', onChunk);
  // The end of the input, which comes with our own end at the latest, ends the command. All of it is one compound
  // command: the shell has read it to its end before it begins.
  child.stdin?.write(
    `{ exec 3<&0 </dev/null; ${command} & pid=$!; ( read -r _ <&3; kill "$pid" ) >/dev/null 2>&1 & wait "$pid"; exit $?; }\n`,
  );
  return () => {
    over = true;
    endTree(child);
  };
}

function endTree(child: ChildProcess): void {
  child.stdin?.end();
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // The group is gone.
  }
}

/** What a program said last. */
function reasonOf(stderr: string): string {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return last === '' ? '' : `: ${last}`;
}
