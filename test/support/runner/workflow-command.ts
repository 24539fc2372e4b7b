/** An instruction to the runner in a line of output. */
export interface WorkflowCommand {
  command: string;
  properties: Record<string, string>;
  data: string;
}

/** What a runner acts on in any step's output. A stopped runner also knows the token that makes it go on. */
export const registeredCommands = [
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
];

/**
 * The command in `line`, by the rules of the runner's ActionCommand.cs: `::name key=value,…::data` where the line begins, blanks
 * aside, or else `##[name key=value;…]data` ANYWHERE in it. Names it does not know make it no command.
 */
export function parseCommand(line: string, known: ReadonlySet<string>): WorkflowCommand | undefined {
  return parseNew(line, known) ?? parseOld(line, known);
}

function parseNew(line: string, known: ReadonlySet<string>): WorkflowCommand | undefined {
  // .NET trims U+0085 and JavaScript U+FEFF: either is no protection
  const message = line.replace(/^[\s\u0085]+/, '');
  const end = message.indexOf('::', 2);
  if (!message.startsWith('::') || end < 0) return undefined;
  const data = decode(message.slice(end + 2), ['\r', '\n', '%']);
  return commandOf(message.slice(2, end), data, known, ',', ['\r', '\n', ':', ',', '%']);
}

function parseOld(line: string, known: ReadonlySet<string>): WorkflowCommand | undefined {
  const start = line.indexOf('##[');
  const end = line.indexOf(']', start);
  if (start < 0 || end < 0) return undefined;
  const escaped = [';', '\r', '\n', ']', '%'];
  return commandOf(line.slice(start + 3, end), decode(line.slice(end + 1), escaped), known, ';', escaped);
}

function commandOf(
  head: string,
  data: string,
  known: ReadonlySet<string>,
  separator: string,
  escaped: readonly string[],
): WorkflowCommand | undefined {
  const space = head.indexOf(' ');
  const command = (space < 0 ? head : head.slice(0, space)).toLowerCase();
  if (!known.has(command)) return undefined;
  const properties: Record<string, string> = {};
  for (const pair of space > 0 ? head.slice(space + 1).split(separator) : []) {
    const [, key, value] = /^\s*([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (key !== undefined && value !== undefined) properties[key] = decode(value, escaped);
  }
  return { command, properties, data };
}

/** In the runner's order, `%` last, so that `%250A` stays `%0A`. */
function decode(text: string, characters: readonly string[]): string {
  return characters.reduce((unescaped, character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
    return unescaped.replaceAll(`%${code}`, character);
  }, text);
}
