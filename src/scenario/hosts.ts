import { isIP } from 'node:net';

/**
 * Whether a URL's host is this machine or a private network by its text alone: loopback, RFC 1918, link-local, ULA,
 * `localhost` and names below it. No name is resolved: what it answers may change between the check and the run.
 */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  if (isIP(host) === 4) return isPrivateIpv4(host);
  return isIP(host) === 6 && isPrivateIpv6(host);
}

function isPrivateIpv4(address: string): boolean {
  const [a, b] = address.split('.').map(Number) as [number, number];
  if (a === 127 || a === 10 || address === '0.0.0.0') return true;
  return (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || (a === 169 && b === 254);
}

/** The address is in the form URLs are normalised to: `::1`, `fd00::1`, `::ffff:a00:1`. */
function isPrivateIpv6(address: string): boolean {
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (mapped !== null) {
    const [high, low] = [Number.parseInt(mapped[1] as string, 16), Number.parseInt(mapped[2] as string, 16)];
    return isPrivateIpv4([high >> 8, high & 255, low >> 8, low & 255].join('.'));
  }
  return address === '::1' || address === '::' || /^(?:f[cd]|fe[89ab])[0-9a-f]{0,2}:/.test(address);
}
