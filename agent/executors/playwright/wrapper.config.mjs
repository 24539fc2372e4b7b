// The configuration the runner is started with: the project's own, with the device, the app and the reporters of this job.
// It lives outside the checkout, so every path the project gave relative to its own configuration is made absolute.
// Plain JavaScript and ESM, since that loads projects of every kind: TypeScript or not, ESM or CommonJS.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the agent's executor passes: see launch.ts. */
const job = JSON.parse(process.env.QGJOB_PLAYWRIGHT);
const playwright = createRequire(path.join(job.projectDir, 'x.js'))('@playwright/test');
const user = job.configFile ? await load(job.configFile) : {};
const configDir = job.configFile ? path.dirname(job.configFile) : job.projectDir;
const headlessShell = Symbol('headless shell');
const fromConfig = (file) => (file === undefined ? undefined : path.resolve(configDir, file));

export default defined({
  ...user,
  testDir: fromConfig(user.testDir ?? '.'),
  snapshotDir: fromConfig(user.snapshotDir),
  snapshotPathTemplate: user.snapshotPathTemplate?.replaceAll('{configDir}', configDir),
  globalSetup: scripts(user.globalSetup),
  globalTeardown: scripts(user.globalTeardown),
  tsconfig: fromConfig(user.tsconfig),
  // the app under test is the one installed on the device: a server of the project's own would only take a port from another device
  webServer: job.baseUrl ? undefined : servers(user.webServer),
  outputDir: job.outputDir,
  preserveOutput: 'always',
  // a snapshot written by the first try would make the second one pass
  updateSnapshots: 'none',
  workers: 1,
  fullyParallel: false,
  shard: undefined,
  reporter: [
    [job.reporter.file, job.reporter.options],
    ['list', { printSteps: false }],
    ['json', { outputFile: job.report }],
  ],
  use: onDevice(user.use),
  projects: user.projects?.map((project) =>
    defined({
      ...project,
      testDir: fromConfig(project.testDir),
      snapshotDir: fromConfig(project.snapshotDir),
      outputDir: undefined,
      workers: undefined,
      use: onDevice(project.use),
    }),
  ),
});

async function load(file) {
  let config = await import(pathToFileURL(file).href);
  // CommonJS compiled from ESM comes wrapped twice
  while (config && typeof config === 'object' && 'default' in config) config = config.default;
  return config;
}

function scripts(given) {
  if (given === undefined) return undefined;
  const resolve = createRequire(path.join(configDir, 'x.js')).resolve;
  const found = (file) => {
    const absolute = path.resolve(configDir, file);
    return existsSync(absolute) ? absolute : resolve(file);
  };
  return Array.isArray(given) ? given.map(found) : found(given);
}

function servers(given) {
  const inProject = (server) => ({ ...server, cwd: fromConfig(server.cwd ?? '.') });
  if (given === undefined) return undefined;
  return Array.isArray(given) ? given.map(inProject) : inProject(given);
}

/** The project's `use` on this device: its emulation, its app, its browser. */
function onDevice(use) {
  return defined({
    ...use,
    ...emulation(),
    ...(job.baseUrl ? { baseURL: job.baseUrl } : {}),
    headless: true,
    ...browser(use),
  });
}

function emulation() {
  if (!job.model) return {};
  const descriptor = playwright.devices[job.model];
  if (!descriptor) throw new Error(`Playwright ${version()} knows no device named ${JSON.stringify(job.model)}`);
  const { defaultBrowserType: _, ...emulated } = descriptor;
  // the web platform's devices are Chromium, whatever they emulate
  return { ...emulated, browserName: 'chromium' };
}

function version() {
  return createRequire(path.join(job.projectDir, 'x.js'))('@playwright/test/package.json').version;
}

/** The explicit browser; else what the project has: its own choice or Playwright's download; else the agent's. */
function browser(use) {
  if ((use?.browserName ?? 'chromium') !== 'chromium' && !job.model) return {};
  const own = use?.launchOptions?.executablePath;
  if (!job.browser || (!job.browser.always && own && existsSync(own))) return {};
  const executablePath = job.browser.always ? job.browser.path : (downloaded() ?? job.browser.path);
  if (executablePath === headlessShell) return {};
  return { channel: undefined, launchOptions: { ...use?.launchOptions, executablePath } };
}

/** Playwright's own browser where it is on disk. A headless run prefers the headless shell, which it finds by itself. */
function downloaded() {
  const chromium = playwright.chromium.executablePath();
  const shell = /^(.*[\\/])chromium-(\d+)[\\/]/.exec(chromium);
  if (shell && existsSync(path.join(shell[1], `chromium_headless_shell-${shell[2]}`, 'INSTALLATION_COMPLETE')))
    return headlessShell;
  return existsSync(chromium) ? chromium : undefined;
}

/** Playwright refuses `undefined` in some places where it accepts an absent property. */
function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([key, value]) => value !== undefined || key === 'channel'));
}
