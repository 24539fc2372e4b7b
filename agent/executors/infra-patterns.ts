/**
 * Failures that say nothing about the app or its test: the device, its driver, the browser or the machine gave way. Texts of
 * Playwright 1.47 to 1.65, AppWright 0.1, Appium 2 and BrowserStack.
 */
const infraPatterns: readonly RegExp[] = [
  // the machine
  /ENOSPC|no space left on device/i,
  /spawn \S+ (EAGAIN|ENOMEM|EMFILE)/,
  // the browser
  /browserType\.launch/,
  /Executable doesn't exist at/,
  /while setting up "(browser|device|persistentDevice)"/,
  // a device and its driver; node's own socket errors only where the WebDriver client says them, since tests make requests too
  /Failed to create session/,
  /RequestError: (connect ECONNREFUSED|read ECONNRESET|socket hang up)/,
  /A session is either terminated or not started/,
  /invalid session id/,
  /Appium server is already running/,
  /Could not find a driver for automationName/,
  /Could not find a connected Android device/,
  /instrumentation process is not running|Could not proxy command to the remote server|[Dd]evice .* was not in the list of connected devices/,
  /Appium (gave way|died|gave no sign|cannot be started)/,
  /device '.*' (not found|offline)/,
  /INSTALL_FAILED_/,
  // BrowserStack
  /\[BROWSERSTACK_/,
  /All parallel tests are currently in use/,
  /BROWSERSTACK_APP_URL_.* is not set/,
];

/** Whether `text` tells of a failure of the infrastructure. */
export function isInfrastructure(text: string): boolean {
  return infraPatterns.some((pattern) => pattern.test(text));
}
