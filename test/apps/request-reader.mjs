/**
 * Reads HTTP/1.1 requests from the bytes of one connection: no more than the fault server needs, so that
 * nothing between it and the socket answers, closes or counts on its own.
 *
 * @typedef {{ method: string, path: string, headers: Record<string, string>, body: string }} WireRequest
 */

const HEAD_END = '\r\n\r\n';

export class RequestReader {
  #bytes = Buffer.alloc(0);

  /**
   * Adds bytes; returns the requests that are whole now.
   * @param {Buffer} chunk
   * @returns {WireRequest[]}
   */
  push(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const requests = [];
    for (let request = this.#take(); request !== null; request = this.#take()) requests.push(request);
    return requests;
  }

  /** @returns {WireRequest | null} */
  #take() {
    const headEnd = this.#bytes.indexOf(HEAD_END);
    if (headEnd < 0) return null;
    const [requestLine = '', ...lines] = this.#bytes.toString('latin1', 0, headEnd).split('\r\n');
    const [method = '', path = ''] = requestLine.split(' ');
    /** @type {Record<string, string>} */
    const headers = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const bodyAt = headEnd + HEAD_END.length;
    const bodyEnd =
      headers['transfer-encoding'] === 'chunked'
        ? endOfChunks(this.#bytes, bodyAt)
        : bodyAt + Number(headers['content-length'] ?? 0);
    if (bodyEnd === null || this.#bytes.length < bodyEnd) return null;
    const body = this.#bytes.toString('utf8', bodyAt, bodyEnd);
    this.#bytes = this.#bytes.subarray(bodyEnd);
    return { method, path, headers, body };
  }
}

/**
 * Where a chunked body without trailers ends; null where it has not come that far.
 * @param {Buffer} bytes
 * @param {number} from
 */
function endOfChunks(bytes, from) {
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (at > bytes.length) return null;
    if (size === 0) return at;
  }
}
