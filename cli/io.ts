/** What a stream must be able to do for the command line to write to it. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/** Everything the command line takes from the process it runs in. */
export interface Io {
  stdin: NodeJS.ReadStream;
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** This package's version. */
  version: string;
  /** Calls `handler` at every such signal from now on. */
  onSignal(name: NodeJS.Signals, handler: () => void): void;
}
