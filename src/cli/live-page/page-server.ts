import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LiveView } from '../../model/live.js';
import { clockSince, every, monotonicNs } from '../../platform/clock.js';
import type { GrowingReport } from './growing-report.js';

/** Pages that are open at once; one more is turned away. */
const MOST_FOLLOWERS = 20;
const LOOK_EVERY_MS = 500;
/** How long those who watch have to fetch the final report, ms. */
const LEAVE_AFTER_MS = 3000;
/** Who fetched a page this short a time ago is about to follow it, ms. */
const ABOUT_TO_FOLLOW_MS = 5000;

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

const NOT_YET = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1"><meta name="color-scheme" content="light dark"><title>zdd-verify</title></head><body><p>The run has begun; its record cannot be read yet. This page tries again.</p></body></html>`;

/** The page of a run on loopback: whoever knows its address can read it, and nobody can change anything by it. */
export class PageServer {
  readonly #report: GrowingReport;
  readonly #server: Server;
  readonly #followers = new Set<ServerResponse>();
  /** Other users of this machine can reach the port: the address is the key. */
  readonly #key = randomBytes(16).toString('base64url');
  readonly #stopLooking: () => void;
  #view: string | null = null;
  #pageAt = -1;
  #finished = false;
  #servedNs: bigint | null = null;

  private constructor(report: GrowingReport) {
    this.#report = report;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.maxConnections = 2 * MOST_FOLLOWERS;
    this.#server.requestTimeout = 10_000;
    this.#stopLooking = every(LOOK_EVERY_MS, () => void this.#look());
  }

  /** Listens on 127.0.0.1; port 0 is any free one. Rejects where it is taken. */
  static async listen(report: GrowingReport, port: number): Promise<PageServer> {
    const pages = new PageServer(report);
    try {
      await new Promise<void>((resolve, reject) => {
        pages.#server.once('error', reject);
        pages.#server.listen(port, '127.0.0.1', resolve);
      });
    } catch (error) {
      pages.#stopLooking();
      throw error;
    }
    return pages;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/${this.#key}/`;
  }

  /** Told to all who watch. */
  show(view: LiveView): void {
    this.#view = JSON.stringify(view);
    this.#tell('view', this.#view);
  }

  /** The run is over: from now on its own report is served, to those who watch, for a moment. */
  async finish(): Promise<void> {
    this.#finished = true;
    this.#stopLooking();
    const watched = this.#followers.size > 0 || this.#servedLately();
    this.#tell('finished', '');
    for (const follower of this.#followers) follower.end();
    if (watched) await clockSince(monotonicNs()).sleep(LEAVE_AFTER_MS);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #servedLately(): boolean {
    return this.#servedNs !== null && monotonicNs() - this.#servedNs < BigInt(ABOUT_TO_FOLLOW_MS) * 1_000_000n;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // A name that another site has pointed at this machine is not ours.
    const isOurs = [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`].includes(request.headers.host ?? '');
    if (!isOurs) refuse(response, 421, 'This page is at 127.0.0.1 only.');
    else if (request.method !== 'GET') refuse(response, 405, 'Only GET.');
    else if (request.url === `/${this.#key}/`) void this.#page(response);
    else if (request.url === `/${this.#key}/events`) this.#follow(response);
    else refuse(response, 404, 'There is nothing here.');
  }

  async #page(response: ServerResponse): Promise<void> {
    this.#servedNs = monotonicNs();
    let html: string;
    try {
      html = this.#finished ? await this.#report.final() : (await this.#report.latest()).html;
    } catch {
      html = NOT_YET;
    }
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(html);
  }

  #follow(response: ServerResponse): void {
    if (this.#followers.size >= MOST_FOLLOWERS) {
      refuse(response, 503, 'No more.');
      return;
    }
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    if (this.#finished) {
      response.end(eventText('finished', ''));
      return;
    }
    this.#followers.add(response);
    response.on('close', () => this.#followers.delete(response));
    if (this.#view !== null) response.write(eventText('view', this.#view));
    if (this.#pageAt >= 0) response.write(eventText('page', String(this.#pageAt)));
  }

  /** Makes a newer page where somebody watches. */
  async #look(): Promise<void> {
    if (this.#followers.size === 0) return;
    const page = await this.#report.renew().catch(() => null);
    if (page === null || this.#finished) return;
    this.#pageAt = page.at;
    this.#tell('page', String(page.at));
  }

  #tell(name: string, data: string): void {
    for (const follower of this.#followers) {
      // Who does not read is not written to: what is meant is the newest.
      if (follower.writableLength < 100_000) follower.write(eventText(name, data));
    }
  }
}

function eventText(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
