import { displayWidth } from './text.js';

/** What is needed of a terminal's stream. */
export interface Screen {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  rows?: number | undefined;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/**
 * A block of lines at the bottom of a terminal that is drawn over. One write a frame: up to the block's first line,
 * clear from there, the new lines. Lines that are to stay are written above it.
 */
export class Redraw {
  readonly #screen: Screen;
  readonly #restore = () => this.end();
  #drawn: readonly string[] = [];
  #begun = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Columns a line may take: one is left free, so that no terminal wraps a full line. */
  get width(): number {
    return Math.max(1, (this.#screen.columns ?? 80) - 1);
  }

  draw(lines: readonly string[]): void {
    const hide = this.#begin();
    const shown = lines.slice(0, Math.max(1, (this.#screen.rows ?? 24) - 1));
    this.#screen.write(`${hide}${this.#erased()}${shown.map((line) => `${line}\n`).join('')}`);
    this.#drawn = shown;
  }

  /** Writes lines that stay, above the block. */
  above(text: string): void {
    const block = this.#drawn.map((line) => `${line}\n`).join('');
    this.#screen.write(`${this.#erased()}${text}\n${block}`);
  }

  /** Removes the block and gives the cursor back; also when the process exits without a word. */
  end(): void {
    if (!this.#begun) return;
    this.#screen.write(`${this.#erased()}${SHOW_CURSOR}`);
    this.#drawn = [];
    this.#begun = false;
    process.off('exit', this.#restore);
  }

  #begin(): string {
    if (this.#begun) return '';
    this.#begun = true;
    process.on('exit', this.#restore);
    return HIDE_CURSOR;
  }

  /** A terminal that became narrower has wrapped the old lines: they take more rows now than when they were drawn. */
  #erased(): string {
    if (this.#drawn.length === 0) return '';
    const columns = Math.max(1, this.#screen.columns ?? 80);
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
    return `${ESC}[${rows}A\r${ESC}[J`;
  }
}

const ESC = '\u001b';
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;
