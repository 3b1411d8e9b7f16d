import { constants } from 'node:http2';
import type { WireFailure } from './exchange.js';

/** The last GOAWAY of a server. */
export interface Goaway {
  code: number;
  /** The last stream that the server will answer. */
  lastStream: number;
}

/** Why a stream was closed with `code` before its answer was whole. */
export function streamFailure(stream: number, code: number, goaway: Goaway | null): WireFailure {
  if (code === constants.NGHTTP2_REFUSED_STREAM) {
    // nghttp2 closes the streams beyond the last one as if they had been refused.
    if (goaway !== null && stream > goaway.lastStream) return goawayFailure(goaway);
    return { how: 'refused-stream', message: codeName(code) };
  }
  if (code === constants.NGHTTP2_PROTOCOL_ERROR) {
    return {
      how: 'protocol',
      message: 'PROTOCOL_ERROR: a malformed answer, or the server calls the request malformed',
    };
  }
  return { how: 'reset', code: codeName(code), ofStream: true };
}

/** The server said that it did not process the request. */
export function goawayFailure({ code }: Goaway): WireFailure {
  return { how: 'goaway', message: `GOAWAY (${codeName(code)}): not processed` };
}

const CODE_NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

/** RFC 9113, section 7. */
function codeName(code: number): string {
  return CODE_NAMES[code] ?? `error code ${code}`;
}
