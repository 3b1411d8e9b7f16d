import type { WireFailure } from './exchange.js';

/** What a socket's error means for the request on it; `connected`: the connection had been made. */
export function failureOf(error: NodeJS.ErrnoException, connected: boolean): WireFailure {
  const code = codeOf(error);
  if (isTlsError(code)) return { how: 'tls', code, message: (error as { reason?: string }).reason ?? error.message };
  if (!connected) return { how: 'connecting', code, message: error.message };
  return { how: 'reset', code };
}

/** What the machine of the harness has run out of. */
const OWN_CODES: readonly string[] = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'];
/** What a machine without IPv6 says of such an address. */
const NO_IPV6_CODES: readonly string[] = ['EADDRNOTAVAIL', 'ENETUNREACH', 'EHOSTUNREACH', 'EAFNOSUPPORT'];

/**
 * An attempt over several addresses fails with one error for each. That this machine has no IPv6 says nothing while
 * there are others; then what it lacks itself comes first, then an address that never answered.
 */
function codeOf(error: NodeJS.ErrnoException): string {
  if (!(error instanceof AggregateError)) return error.code ?? '';
  const all = error.errors as (NodeJS.ErrnoException & { address?: string })[];
  const others = all.filter(({ code = '', address = '' }) => !(address.includes(':') && NO_IPV6_CODES.includes(code)));
  const codes = (others.length > 0 ? others : all).map(({ code }) => code ?? '');
  return codes.find((code) => OWN_CODES.includes(code)) ?? codes.find((code) => code === 'ETIMEDOUT') ?? codes[0] ?? '';
}

function isTlsError(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)/.test(
    code,
  );
}
