import type { WireFailure } from './exchange.js';

/** What a socket's error means for the request on it; `connected`: the connection had been made. */
export function failureOf(error: NodeJS.ErrnoException, connected: boolean): WireFailure {
  const code = codeOf(error);
  if (isTlsError(code)) return { how: 'tls', code, message: (error as { reason?: string }).reason ?? error.message };
  if (!connected) return { how: 'connecting', code, message: error.message };
  return { how: 'reset', code };
}

/** An attempt over several addresses fails with one error for each: the first says it. */
function codeOf(error: NodeJS.ErrnoException): string {
  if (error.code) return error.code;
  const inner = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined) : undefined;
  return inner?.code ?? '';
}

function isTlsError(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)/.test(
    code,
  );
}
