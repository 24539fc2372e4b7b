import type { ExecuteRequest } from '../executor.ts';

/** How a runner other than Playwright is started, and where it leaves its report. */
export interface CommandSettings {
  /** The program and its arguments: never a shell's line. Each may hold placeholders, see `placeholders`. */
  argv: readonly [string, ...string[]];
  /**
   * The JUnit XML it writes: a file, or a folder of them; relative to the project unless absolute, with the same placeholders.
   * What lies there is removed before each run. `{report}` unless told: a file of the run's own, for `argv` to name.
   */
  report?: string | undefined;
  /** Further environment variables for it. */
  env?: Readonly<Record<string, string>> | undefined;
}

/** What each placeholder stands for, as the documentation has it. */
export const placeholders = {
  test: 'the test file, relative to the project',
  test_name: 'the same without its extension',
  project: 'the runner’s project the submission names, or nothing',
  report: 'where the report may go: a file in a folder of this run',
  out: 'that folder',
  device: 'the device’s id',
  serial: 'what adb or xcrun call the device; its id where neither knows it',
  app: 'the app: its file, its address or its id in a cloud, or nothing',
  package: 'the installed app’s package name, or nothing',
} as const;

type Placeholder = keyof typeof placeholders;

/** The placeholders in `text` that stand for nothing known. */
export function unknownPlaceholders(text: string): string[] {
  return [...text.matchAll(/\{([a-z_]+)\}/g)].map(([, name = '']) => name).filter((name) => !(name in placeholders));
}

/** Fills placeholders in. What takes their place is not looked at again, so that no test's name can bring in another. */
export function fill(text: string, values: Readonly<Record<Placeholder, string>>): string {
  return text.replace(/\{([a-z_]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name as Placeholder] : whole,
  );
}

/** What the placeholders stand for in one execution. */
export function valuesOf(request: ExecuteRequest): Record<Placeholder, string> {
  const { testPath, project, outDir, device, app } = request;
  return {
    test: testPath,
    test_name: testPath.replace(/\.[^./]+$/, ''),
    project: project ?? '',
    report: `${outDir}/report.xml`,
    out: outDir,
    device: device.id,
    serial: device.serial ?? device.id,
    app: addressOf(app),
    package: app?.kind === 'package' ? app.packageName : '',
  };
}

function addressOf(app: ExecuteRequest['app']): string {
  switch (app?.kind) {
    case undefined:
      return '';
    case 'site':
      return app.baseUrl;
    case 'package':
      return app.file;
    case 'uploaded':
      return app.url;
  }
}
