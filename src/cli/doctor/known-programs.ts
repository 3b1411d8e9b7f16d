/** How a program or a system is got; null where there is no way known on that system. */
export interface Packages {
  debian: string | null;
  fedora: string | null;
  macos: string | null;
}

/** Packages by the name of the program: Debian and Ubuntu, Fedora, Homebrew. A text with a blank is a whole command. */
const PROGRAMS: Readonly<
  Record<string, readonly [debian: string | null, fedora: string | null, macos: string | null]>
> = {
  alembic: ['alembic', 'python3-alembic', 'pipx install alembic'],
  awk: ['gawk', 'gawk', 'gawk'],
  bash: ['bash', 'bash', 'bash'],
  caddy: ['caddy', 'caddy', 'caddy'],
  celery: ['celery', 'python3-celery', 'pipx install celery'],
  curl: ['curl', 'curl', 'curl'],
  'django-admin': ['python3-django', 'python3-django', 'pipx install django'],
  docker: ['docker.io', 'moby-engine', 'brew install --cask docker'],
  'docker-compose': ['docker-compose', 'docker-compose', 'docker-compose'],
  flock: ['util-linux', 'util-linux', 'flock'],
  git: ['git', 'git', 'git'],
  go: ['golang-go', 'golang', 'go'],
  gunicorn: ['gunicorn', 'python3-gunicorn', 'pipx install gunicorn'],
  haproxy: ['haproxy', 'haproxy', 'haproxy'],
  helm: [null, 'helm', 'helm'],
  ip: ['iproute2', 'iproute', null],
  journalctl: ['systemd', 'systemd', null],
  jq: ['jq', 'jq', 'jq'],
  kubectl: [null, 'kubernetes-client', 'kubernetes-cli'],
  lsof: ['lsof', 'lsof', 'lsof'],
  make: ['make', 'make', 'make'],
  nginx: ['nginx', 'nginx', 'nginx'],
  node: ['nodejs', 'nodejs', 'node'],
  npm: ['npm', 'nodejs-npm', 'node'],
  npx: ['npm', 'nodejs-npm', 'node'],
  nsenter: ['util-linux', 'util-linux', null],
  openssl: ['openssl', 'openssl', 'openssl@3'],
  pg_isready: ['postgresql-client', 'postgresql', 'libpq'],
  pgrep: ['procps', 'procps-ng', 'proctools'],
  pip: ['python3-pip', 'python3-pip', 'python'],
  pip3: ['python3-pip', 'python3-pip', 'python'],
  pkill: ['procps', 'procps-ng', 'proctools'],
  pm2: ['npm install -g pm2', 'npm install -g pm2', 'npm install -g pm2'],
  pnpm: ['npm install -g pnpm', 'pnpm', 'pnpm'],
  postgres: ['postgresql', 'postgresql-server', 'postgresql@17'],
  prometheus: ['prometheus', 'golang-github-prometheus', 'prometheus'],
  ps: ['procps', 'procps-ng', null],
  psql: ['postgresql-client', 'postgresql', 'libpq'],
  python3: ['python3', 'python3', 'python'],
  'redis-cli': ['redis-tools', 'redis', 'redis'],
  'redis-server': ['redis-server', 'redis', 'redis'],
  rsync: ['rsync', 'rsync', 'rsync'],
  setsid: ['util-linux', 'util-linux', 'util-linux'],
  socat: ['socat', 'socat', 'socat'],
  ss: ['iproute2', 'iproute', null],
  ssh: ['openssh-client', 'openssh-clients', 'openssh'],
  sshd: ['openssh-server', 'openssh-server', null],
  sudo: ['sudo', 'sudo', null],
  systemctl: ['systemd', 'systemd', null],
  'systemd-nspawn': ['systemd-container', 'systemd-container', null],
  terraform: [null, null, 'brew install hashicorp/tap/terraform'],
  unshare: ['util-linux', 'util-linux', null],
  uvicorn: ['uvicorn', 'python3-uvicorn', 'pipx install uvicorn'],
  wget: ['wget', 'wget', 'wget'],
  yarn: ['npm install -g yarn', 'yarnpkg', 'yarn'],
};

/** The packages of a program; null where it is not one that is known. */
export function packagesOf(program: string): Packages | null {
  const found = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined;
  return found === undefined ? null : { debian: found[0], fedora: found[1], macos: found[2] };
}

/** `Debian, Ubuntu: apt-get install nginx. Fedora: dnf install nginx. macOS: brew install nginx.` */
export function howToGet({ debian, fedora, macos }: Packages): string {
  const ways = [
    ['Debian, Ubuntu', 'apt-get install', debian],
    ['Fedora', 'dnf install', fedora],
    ['macOS', 'brew install', macos],
  ] as const;
  return ways
    .map(([system, command, packages]) => {
      if (packages === null) return `${system}: no package known.`;
      return `${system}: \`${/ install /.test(packages) ? packages : `${command} ${packages}`}\`.`;
    })
    .join(' ');
}

/** A system as scripts/install-systems names it. */
export interface KnownSystem extends Packages {
  /** Shell that succeeds where it is here. */
  check: string;
}

const python = (modules: string): string => `/usr/bin/python3 -c "import ${modules}"`;

/** What the shipped scenarios need, by the names of scripts/install-systems. */
export const SYSTEMS: Readonly<Record<string, KnownSystem>> = {
  nginx: { check: 'nginx -v', debian: 'nginx-light', fedora: 'nginx', macos: 'nginx' },
  haproxy: { check: 'haproxy -v', debian: 'haproxy', fedora: 'haproxy', macos: 'haproxy' },
  gunicorn: {
    check: python('gunicorn, flask, psycopg2'),
    debian: 'gunicorn python3-flask python3-psycopg2',
    fedora: 'python3-gunicorn python3-flask python3-psycopg2',
    macos: null,
  },
  fastapi: {
    check: python('uvicorn, fastapi, gunicorn'),
    debian: 'uvicorn python3-fastapi gunicorn',
    fedora: 'python3-uvicorn python3-fastapi python3-gunicorn',
    macos: null,
  },
  django: {
    check: python('django, psycopg2, gunicorn'),
    debian: 'python3-django python3-psycopg2 gunicorn',
    fedora: 'python3-django python3-psycopg2 python3-gunicorn',
    macos: null,
  },
  alembic: {
    check: python('alembic, psycopg2'),
    debian: 'alembic python3-psycopg2',
    fedora: 'python3-alembic python3-psycopg2',
    macos: null,
  },
  postgresql: {
    check: 'ls /usr/lib/postgresql/*/bin/postgres || command -v postgres',
    debian: 'postgresql',
    fedora: 'postgresql-server',
    macos: 'postgresql@17',
  },
  redis: { check: 'redis-server --version', debian: 'redis-server', fedora: 'redis', macos: 'redis' },
  rq: {
    check: python('rq, redis, flask'),
    debian: 'python3-rq python3-redis python3-flask gunicorn',
    fedora: 'python3-rq python3-redis python3-flask python3-gunicorn',
    macos: null,
  },
  celery: {
    check: python('celery, redis, flask'),
    debian: 'celery python3-redis python3-flask gunicorn',
    fedora: 'python3-celery python3-redis python3-flask python3-gunicorn',
    macos: null,
  },
  go: { check: 'go version', debian: 'golang-go', fedora: 'golang', macos: 'go' },
  systemd: {
    check: 'systemd-nspawn --version',
    debian: 'systemd-container dbus',
    fedora: 'systemd-container dbus',
    macos: null,
  },
  sshd: {
    check: 'command -v sshd',
    debian: 'openssh-server openssh-client',
    fedora: 'openssh-server openssh-clients',
    macos: 'openssh',
  },
  prometheus: {
    check: 'prometheus --version',
    debian: 'prometheus',
    fedora: 'golang-github-prometheus',
    macos: 'prometheus',
  },
  tools: {
    check:
      'for each in curl pkill setsid unshare nsenter taskset prlimit ip openssl lsof; do command -v $each || exit 1; done',
    debian: 'curl procps util-linux iproute2 openssl lsof',
    fedora: 'curl procps-ng util-linux iproute openssl lsof',
    macos: null,
  },
  chromium: {
    check: 'command -v chromium',
    debian: 'chromium',
    fedora: 'chromium',
    macos: 'brew install --cask chromium',
  },
  xmllint: { check: 'command -v xmllint', debian: 'libxml2-utils', fedora: 'libxml2', macos: 'libxml2' },
  shells: { check: 'command -v zsh && command -v fish', debian: 'zsh fish', fedora: 'zsh fish', macos: 'zsh fish' },
  openmetrics: {
    check: python('prometheus_client'),
    debian: 'python3-prometheus-client',
    fedora: 'python3-prometheus_client',
    macos: null,
  },
  compose: {
    check: 'docker compose version || command -v docker-compose',
    debian: 'docker-compose',
    fedora: 'docker-compose',
    macos: 'docker-compose',
  },
  docker: {
    check:
      'for each in dockerd containerd runc busybox docker; do command -v $each || exit 1; done; docker compose version || command -v docker-compose',
    debian: 'docker.io docker-compose iptables busybox-static',
    fedora: 'moby-engine docker-compose iptables busybox',
    macos: null,
  },
  kubernetes: {
    check:
      'for each in go make rsync jq dpkg-source etcd conntrack dockerd docker busybox iptables ip openssl unshare pgrep; do command -v $each || exit 1; done',
    debian:
      'golang-go make rsync jq dpkg-dev debian-archive-keyring etcd-server conntrack docker.io busybox-static iptables iproute2 openssl util-linux procps',
    fedora: null,
    macos: null,
  },
};
