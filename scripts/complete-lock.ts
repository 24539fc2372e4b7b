/**
 * Adds to package-lock.json the optional platform packages that npm leaves out when its registry does not serve them.
 * Without them `npm ci` refuses the lock ("Missing: X@ from lock file"), here and on every other machine. Run by `npm run lock`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
  'x64',
  'wasm32',
];

/** Reads operating system, processor and C library off a platform package's name, `@scope/binding-linux-x64-musl`. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name
    .replace(/^@[^/]+\//, '')
    .replace('windows', 'win32')
    .replace('linuxmusl', 'linux-musl')
    .split(/[-_.]/);
  const os = systems.find((s) => words.includes(s));
  const arm32 = words.some((w) => /^(gnueabihf|musleabihf|eabi|armv7)$/.test(w));
  const cpu = arm32 ? 'arm' : processors.find((c) => words.includes(c));
  const libc = words.some((w) => w.startsWith('musl'))
    ? 'musl'
    : words.some((w) => w.startsWith('gnu'))
      ? 'glibc'
      : undefined;
  return {
    ...(os ? { os: [os] } : {}),
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(os === 'linux' && libc ? { libc: [libc] } : {}),
  };
}

/** Where Node would find `name` from the package at `path`; undefined when the lock has it nowhere above. */
function resolve(packages: Record<string, Entry>, path: string, name: string): string | undefined {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const candidate = at ? `${at}/node_modules/${name}` : `node_modules/${name}`;
    if (packages[candidate]) return candidate;
    if (at === '') return undefined;
  }
}

const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
const { packages } = lock;
let added = 0;
for (const [path, parent] of Object.entries({ ...packages })) {
  for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
    const version = range.replace(/^npm:[^@]+@|^[\^~=v]+|^>=/g, '').trim();
    const found = resolve(packages, path, name);
    const fits = found !== undefined && (packages[found]?.version === version || !/^\d/.test(range));
    const place = found === undefined ? `node_modules/${name}` : `${path}/node_modules/${name}`;
    if (fits || packages[place]) continue;
    const { os, cpu, libc } = platformOf(name);
    if (!os && !cpu) continue;
    // npm's own (alphabetical) order of keys, so that a later `npm install` leaves the entry as it is
    packages[place] = {
      version,
      ...(cpu ? { cpu } : {}),
      ...(parent.dev ? { dev: true } : {}),
      ...(libc ? { libc } : {}),
      optional: true,
      ...(os ? { os } : {}),
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`complete-lock: ${added} entries added`);
