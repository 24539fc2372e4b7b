import { randomUUID } from 'node:crypto';
import { plainLine, plainText } from '../client/plain-text.ts';

/** The step's log. The runner reads every line of it for commands, so nothing foreign is printed but through this. */
export interface Log {
  /** One line, which may hold foreign text. */
  line(text: string): void;
  /** Foreign text of several lines, folded under a title that may hold foreign text as well. */
  group(title: string, text: string): void;
}

/** A log that writes through `print`, which ends the line. */
export function createLog(print: (line: string) => void): Log {
  return {
    line: (text) => print(inert(text)),
    group(title, text) {
      print(`::group::${inert(title).replaceAll('%', '%25')}`);
      // fresh each time: a text that could know the token could end the quotation
      const token = randomUUID();
      print(`::stop-commands::${token}`);
      for (const line of plainText(text).split('\n')) print(`  ${inert(line)}`);
      print(`::${token}::`);
      print('::endgroup::');
    },
  };
}

/**
 * A line in which the runner finds no command: it looks for `::` where a line begins, and for `##[` anywhere in it.
 * Source: actions/runner, ActionCommand.cs. A zero-width space breaks both and stays unseen.
 */
function inert(text: string): string {
  return plainLine(text)
    .replaceAll('##[', '##\u200b[')
    .replace(/^\s*::/, (start) => `${start.slice(0, -1)}\u200b:`);
}
