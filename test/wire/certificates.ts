import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  cert: string;
  key: string;
}

/** A certificate authority of its own, made by `openssl` in a folder of its own. */
export interface Authority {
  ca: string;
  /** A certificate for these subject alternative names; `endsIn` days from now, negative for one that expired. */
  issue(names: string, endsIn?: number): Identity;
  remove(): void;
}

export function authority(name: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-certificates-'));
  const run = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const request = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj'];
  run(...request, `/CN=${name}`, '-x509', '-days', '365', '-keyout', 'ca.key', '-out', 'ca.pem');
  writeFileSync(join(folder, 'index.txt'), '');
  let issued = 0;
  return {
    ca: read('ca.pem'),
    issue(names, endsIn = 90) {
      issued += 1;
      const file = `leaf-${issued}`;
      run(...request, '/CN=leaf', '-keyout', `${file}.key`, '-out', `${file}.csr`);
      writeFileSync(join(folder, 'ca.cnf'), signing(names, issued));
      const from = asn1Time(Date.now() - 400 * 86_400_000);
      const until = asn1Time(Date.now() + endsIn * 86_400_000);
      run(
        'ca',
        '-batch',
        '-config',
        'ca.cnf',
        '-startdate',
        from,
        '-enddate',
        until,
        '-in',
        `${file}.csr`,
        '-out',
        `${file}.pem`,
      );
      return { cert: read(`${file}.pem`), key: read(`${file}.key`) };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** `openssl ca` is the only command of OpenSSL 3.0 that can sign what has expired. */
function signing(names: string, serial: number): string {
  return `
[ca]
default_ca = own
[own]
certificate = ca.pem
private_key = ca.key
new_certs_dir = .
database = index.txt
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
subjectAltName = ${names}
nsComment = ${serial}
`;
}

function asn1Time(ms: number): string {
  return `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
}
