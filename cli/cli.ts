import type { Command } from 'commander';
import type { Interrupts } from './interrupt.ts';
import type { Io, Output } from './io.ts';
import type { Settings } from './settings.ts';

export const outputs = ['text', 'json', 'id'] as const;
type OutputForm = (typeof outputs)[number];

/** The options every command takes. */
export interface GlobalFlags {
  server?: string;
  apiKey?: string;
  output: OutputForm;
  debug?: boolean;
}

/** What a command is given besides its own flags. */
export interface Cli {
  io: Io;
  output: OutputForm;
  settings: Settings;
  interrupts: Interrupts;
  /** Where progress goes: the standard output is the result's alone when the result is for a program. */
  progress: Output;
  /** Prints a result, in the form asked for. */
  print(result: { json: unknown; id: string | readonly string[]; text: () => string }): void;
  /** Tells the user something that is no result. */
  note(text: string): void;
}

/**
 * A command's work, given its flags and operands as commander parsed them, by the declarations beside it; resolves with the
 * exit code, 0 when it says none.
 */
export type Action =
  | ((cli: Cli, command: Command) => Promise<number>)
  | ((cli: Cli, command: Command) => Promise<void>);

/** Makes a commander action of a command's work. */
export type Bind = (action: Action) => (this: Command) => Promise<void>;
