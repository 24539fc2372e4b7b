// The configuration the runner is started with: the project's own, reduced to the one of its projects that fits the device,
// with the device, the app and the reporters of this job.
// CommonJS: Playwright 1.47, which AppWright brings, never comes to an end on Node 24 with a configuration that is ESM.
const path = require('node:path');
const { defined, unwrapped, wrapped, wrappedProject } = require('../runner/user-config.mjs');

/** What the agent's executor passes: see launch.ts. */
const job = JSON.parse(process.env.QGJOB_APPWRIGHT);
const user = unwrapped(require(job.configFile));
const configDir = path.dirname(job.configFile);
const project = choose(user.projects ?? []);
const base = wrapped(user, configDir, job);

// AppWright before 0.1.29 knows an uploaded app by this variable alone
if (job.uploadedApp) process.env[`BROWSERSTACK_APP_URL_${project.name.toUpperCase()}`] = job.uploadedApp;

module.exports = defined({
  ...base,
  // AppWright's own set-up looks for an emulator to start and uploads the build: the agent has seen to both
  globalSetup: undefined,
  // a try of the test again is the server's decision, on a device of its choice
  retries: 0,
  maxFailures: 0,
  // AppWright's default is none
  timeout: user.timeout || job.testTimeoutMs,
  // its own reporter fetches videos of a cloud's sessions, and takes away what ours reads: it comes after
  reporter: [...base.reporter, ...(job.uploadedApp ? own(user.reporter) : [])],
  projects: [
    defined({
      ...wrappedProject(project, configDir),
      retries: undefined,
      use: { ...project.use, ...job.use, device: { ...project.use?.device, ...job.device } },
    }),
  ],
});

/** The project that was asked for; else the first that is made for such a device; else the only one. */
function choose(projects) {
  const names = projects.map(({ name }) => name).join(', ');
  if (job.project !== null) {
    const named = projects.find(({ name }) => name === job.project);
    if (!named) throw new Error(`Project(s) "${job.project}" not found: the configuration has ${names || 'none'}`);
    return named;
  }
  const onPlatform = projects.filter(({ use }) => (use?.platform ?? job.platform) === job.platform);
  const fitting = onPlatform.find(({ use }) => use?.device?.provider === job.device.provider);
  const found = fitting ?? (onPlatform.length === 1 ? onPlatform[0] : undefined);
  if (found) return found;
  throw new Error(
    `No project is made for ${job.platform} with the provider ${job.device.provider}, of ${names || 'none'}: name one with --project`,
  );
}

function own(reporters) {
  return Array.isArray(reporters) ? reporters.filter(([file]) => /appwright[\\/]dist[\\/]reporter/.test(file)) : [];
}
