import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { messageOf } from '../model/errors.js';
import { wallTime } from '../platform/clock.js';
import { SYSTEM_TLS, type TlsPlan } from '../wire/endpoint.js';
import type { Files } from './files.js';
import type { Path, Report } from './problem.js';
import type { CheckedTarget } from './schema.js';

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** Reads `tls`; its files were read before. */
export function readTls(input: CheckedTarget['tls'], files: Files, path: Path, report: Report): TlsPlan {
  if (input === undefined) return SYSTEM_TLS;
  const { ca, cert, key, servername = null } = input;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    report(
      [...path, given],
      `\`${given}\` without \`${missing}\`: a client shows its certificate and proves it by the key`,
    );
  }
  if (servername !== null && isIP(servername) !== 0) {
    report([...path, 'servername'], `expected a host name, got the address \`${servername}\``);
  }
  const own = readCertificates(cert, files, [...path, 'cert'], report);
  const ownKey = readKey(key, files, [...path, 'key'], report);
  const [leaf] = own?.certificates ?? [];
  if (leaf !== undefined && ownKey !== null && !leaf.checkPrivateKey(ownKey.key)) {
    report([...path, 'key'], 'is not the key of the certificate in `cert`');
  }
  return {
    ca: readCertificates(ca, files, [...path, 'ca'], report)?.text ?? null,
    servername,
    cert: own?.text ?? null,
    key: ownKey?.text ?? null,
  };
}

/** The certificates of a PEM file; in a list, an expired one is passed over as long as another one holds. */
function readCertificates(
  name: string | undefined,
  files: Files,
  path: Path,
  report: Report,
): { text: string; certificates: X509Certificate[] } | null {
  const text = readText(name, files, path, report);
  if (text === null) return null;
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    const hint = 'PEM begins with `-----BEGIN CERTIFICATE-----`; DER is turned into it by `openssl x509 -inform der`';
    report(path, `\`${name}\` holds no certificate in PEM`, { hint });
    return null;
  }
  const certificates: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block));
    } catch (error) {
      report(path, `certificate ${index + 1} of \`${name}\` cannot be read: ${messageOf(error)}`);
    }
  }
  const latest = Math.max(...certificates.map(({ validTo }) => Date.parse(validTo)));
  if (certificates.length === blocks.length && latest < wallTime().getTime()) {
    report(path, `the certificate in \`${name}\` expired on ${new Date(latest).toISOString().slice(0, 10)}`);
  }
  return { text, certificates };
}

const SOON_MS = 14 * 24 * 3_600_000;

/** Sentences about certificates of a plan that expire within 14 days. */
export function expiringSoon({ ca, cert }: TlsPlan): string[] {
  const now = wallTime().getTime();
  return Object.entries({ ca, cert }).flatMap(([name, text]) => {
    const until = (text?.match(CERTIFICATE) ?? []).map((block) => Date.parse(new X509Certificate(block).validTo));
    const soon = until.filter((at) => at >= now && at < now + SOON_MS);
    return soon.map((at) => `the certificate in \`tls.${name}\` expires on ${new Date(at).toISOString().slice(0, 10)}`);
  });
}

function readKey(
  name: string | undefined,
  files: Files,
  path: Path,
  report: Report,
): { text: string; key: KeyObject } | null {
  const text = readText(name, files, path, report);
  if (text === null) return null;
  if (/ENCRYPTED/.test(text)) {
    const hint = 'take the passphrase away: `openssl pkey -in key.pem -out plain.pem`';
    report(path, `the key in \`${name}\` has a passphrase`, { hint });
    return null;
  }
  try {
    return { text, key: createPrivateKey(text) };
  } catch {
    report(path, `\`${name}\` holds no private key in PEM`);
    return null;
  }
}

function readText(name: string | undefined, files: Files, path: Path, report: Report): string | null {
  const found = name === undefined ? undefined : files.get(name);
  if (found === undefined) return null;
  if ('text' in found) return found.text;
  report(path, `\`${name}\` ${found.problem}`);
  return null;
}
