import { closeSync, openSync, readSync } from 'node:fs';

const lookEveryMs = 50;
const remembered = 1_000;

/** Follows the file of the events, and hands each new one to `onEvent`; the last 1,000 can be asked for again. */
export class EventLog {
  #file;
  #events = [];
  #rest = '';
  #timer;

  constructor(path, onEvent) {
    this.#file = openSync(path, 'r');
    this.#read(() => {});
    this.#timer = setInterval(() => this.#read(onEvent), lookEveryMs);
  }

  /** Events after that id, oldest first; `missing` says how many of them are forgotten. */
  after(id) {
    const events = this.#events.filter((event) => event.id > id);
    return { events, missing: events.length === 0 ? 0 : events[0].id - id - 1 };
  }

  get lastId() {
    return this.#events.at(-1)?.id ?? 0;
  }

  close() {
    clearInterval(this.#timer);
    closeSync(this.#file);
  }

  #read(onEvent) {
    const buffer = Buffer.alloc(64 * 1024);
    for (let bytes = 1; bytes > 0; ) {
      bytes = readSync(this.#file, buffer, 0, buffer.length, null);
      const lines = (this.#rest + buffer.toString('utf8', 0, bytes)).split('\n');
      this.#rest = lines.pop();
      for (const line of lines) {
        const event = JSON.parse(line);
        this.#events.push(event);
        if (this.#events.length > remembered) this.#events.shift();
        onEvent(event);
      }
    }
  }
}
