// The configuration the runner is started with: the project's own, with the device, the app and the reporters of this job.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { defined, load, resolver, wrapped, wrappedProject } from '../runner/user-config.mjs';

/** What the agent's executor passes: see launch.ts. */
const job = JSON.parse(process.env.QGJOB_PLAYWRIGHT);
const playwright = createRequire(path.join(job.projectDir, 'x.js'))('@playwright/test');
const user = await load(job.configFile);
const configDir = job.configFile ? path.dirname(job.configFile) : job.projectDir;
const headlessShell = Symbol('headless shell');

export default defined({
  ...wrapped(user, configDir, job),
  // the app under test is the one installed on the device: a server of the project's own would only take a port from another device
  webServer: job.baseUrl ? undefined : servers(user.webServer),
  use: onDevice(user.use),
  projects: user.projects?.map((project) =>
    defined({ ...wrappedProject(project, configDir), use: onDevice(project.use) }),
  ),
});

function servers(given) {
  const inProject = (server) => ({ ...server, cwd: resolver(configDir)(server.cwd ?? '.') });
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
