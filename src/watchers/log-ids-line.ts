import { seqOf } from '../model/request-id.js';
import type { ToldRequest, UpstreamTry } from '../model/watch.js';
import { REQUEST_ID } from './matcher.js';

/** Characters of a line that are read, and tries of one request that are kept. */
const READ_CHARS = 4000;
const TRIES_KEPT = 10;

/** The id that the documentation proposes, wherever it stands: HAProxy's captured headers, `[zdd-17]`. */
const OWN_ID = /(?<![\w-])zdd-(\d{1,9})(?![\w-])/;
const REQUEST_LINE = /"([A-Z]{3,10}) \S+(?: HTTP\/[\d.]+)?"/;
const METHOD = field('(?:request[-_])?method', '[A-Z]{3,10}');
const STATUS = field('status', '-?\\d{1,3}');
/** `"GET / HTTP/1.1" 502 157`, as in the combined format. */
const COMBINED_STATUS = /" (-?\d{1,3}) (?:\d+|-)(?:\s|$)/;
const UPSTREAM_STATUS = field('upstream[-_]?status', '[\\d,:. -]+');
const UPSTREAM_ADDRESS = field('upstream[-_]?addr(?:ess)?', '[^"\'\\s,:]\\S*(?:(?:,| :) \\S+)*');
const UPSTREAM_CONNECT = field('upstream[-_]?connect[-_]?time', '[\\d,:. -]+');
/** HAProxy's `%rc`; `+` says that it went to another server. */
const RETRIES = field('retries', '\\+?\\d+');

/** A status that nobody gives when all goes well: of a server, nginx' own for a client that is gone, and a time-out. */
const isTelling = (status: number | null): boolean =>
  status !== null && (status === 0 || status >= 500 || status === 499 || status === 408);

/** A request that a line names; `told` null where the line says no more than that it arrived and went well. */
export interface IdLine {
  seq: number;
  /** The line does not say the status: that it went well is not known. */
  isMute: boolean;
  told: Omit<ToldRequest, 'at'> | null;
}

/**
 * What a line of a log says of a request, by the names of nginx' variables and HAProxy's (`status=502`,
 * `upstream_status="502, 200"`, `upstream_connect_time="-, 0.001"`, `retries=1`), `=` or `:` between, quoted or not. Null
 * where it names none of the traffic.
 */
export function readIdLine(text: string): IdLine | null {
  const part = text.slice(0, READ_CHARS);
  const seq = seqOf(REQUEST_ID.exec(part)?.[1] ?? null) ?? seqOf(OWN_ID.exec(part)?.[1] ?? null);
  if (seq === null) return null;
  const written = STATUS(part) ?? COMBINED_STATUS.exec(part)?.[1] ?? null;
  const status = statusOf(written);
  const tries = triesOf(part);
  const isMute = status === null;
  if (tries.length <= 1 && !isTelling(status)) return { seq, isMute, told: null };
  const method = METHOD(part) ?? REQUEST_LINE.exec(part)?.[1] ?? null;
  return { seq, isMute, told: { seq, status, method, tries } };
}

/**
 * One entry for each server that was tried. nginx writes values of one variable in order, with `, ` between servers and
 * ` : ` between groups of servers.
 */
function triesOf(part: string): UpstreamTry[] {
  const statuses = listOf(UPSTREAM_STATUS(part));
  const connects = listOf(UPSTREAM_CONNECT(part));
  const count = Math.max(statuses.length, connects.length, listOf(UPSTREAM_ADDRESS(part)).length);
  if (count > 0) {
    return Array.from({ length: Math.min(count, TRIES_KEPT) }, (_, index) => {
      const connect = connects[index];
      return {
        status: statusOf(statuses[index] ?? null) || null,
        connected: connect === undefined || connects.length !== count ? null : connect !== '-',
      };
    });
  }
  const retries = Number((RETRIES(part) ?? '0').replace('+', ''));
  // Which of the tries had a connection HAProxy does not say.
  return Array.from({ length: retries > 0 ? Math.min(retries + 1, TRIES_KEPT) : 0 }, () => ({
    status: null,
    connected: null,
  }));
}

function listOf(value: string | null): string[] {
  return (value ?? '')
    .split(/,\s*|\s:\s/)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** 0: no status was sent. Null: nothing is said of it. */
function statusOf(text: string | null): number | null {
  if (text === null) return null;
  const status = /^\d{3}$/.test(text) ? Number(text) : 0;
  return status >= 100 ? status : 0;
}

/** Reads `name=value`, `name="value"`, `"name":"value"`, `"name": 5`. */
function field(name: string, value: string): (text: string) => string | null {
  const quoted = new RegExp(`(?<![\\w-])${name}["']?\\s*[=:]\\s*["'](${value})["']`, 'i');
  const plain = new RegExp(`(?<![\\w-])${name}["']?\\s*[=:]\\s*(${value.includes(' ') ? '[^\\s"\']+' : value})`, 'i');
  return (text) => quoted.exec(text)?.[1] ?? plain.exec(text)?.[1] ?? null;
}
