import { isAbsolute, relative } from 'node:path';
import type { Secrets } from './secrets.ts';
import { parseCommand, registeredCommands, type WorkflowCommand } from './workflow-command.ts';

export type AnnotationKind = 'error' | 'warning' | 'notice';

export interface Annotation {
  kind: AnnotationKind;
  message: string;
  title?: string;
  /** Relative to the workspace where it lies in it. */
  file?: string;
  line?: string;
  /** Whatever else the command said. */
  properties: Record<string, string>;
}

/** What a runner makes of one step's output. */
export interface StepLog {
  /** A line of stdout or stderr. */
  take(line: string): void;
  /** The runner's own complaint about this step, which fails it. */
  fail(message: string): void;
  /** The lines as a reader of the log sees them. */
  lines: string[];
  /** The first ten of each kind. */
  annotations: Annotation[];
  droppedAnnotations: number;
  /** Every command that was carried out, in order. */
  executed: WorkflowCommand[];
  outputs: Record<string, string>;
  state: Record<string, string>;
  failed: boolean;
}

interface Surroundings {
  workspace: string;
  secrets: Secrets;
  /** Called with each line as shown. */
  shown(line: string): void;
}

const annotationsOfAKind = 10;
const messageCharacters = 4096;

/** The runner's ActionCommandManager.cs and AddIssue of its ExecutionContext.cs, for one step. */
export function createStepLog({ workspace, secrets, shown }: Surroundings): StepLog {
  const known = new Set(registeredCommands);
  let resumeToken: string | undefined;
  let echoes = false;

  const show = (text: string) => {
    for (const line of secrets.mask(text).split(/\r\n|\r|\n/)) {
      log.lines.push(line);
      shown(line);
    }
  };

  const annotate = (kind: AnnotationKind, text: string, given: Record<string, string> = {}) => {
    const { title, file, line, ...properties } = given;
    const message = secrets.mask(text).slice(0, messageCharacters);
    if (log.annotations.filter((one) => one.kind === kind).length < annotationsOfAKind) {
      log.annotations.push({
        kind,
        message,
        properties,
        ...(title === undefined ? {} : { title }),
        ...(line === undefined ? {} : { line }),
        ...(file === undefined ? {} : { file: inWorkspace(file, workspace) }),
      });
    } else log.droppedAnnotations += 1;
    if (message !== '') show(`##[${kind}]${message}`);
  };

  const fail = (message: string) => {
    annotate('error', message);
    log.failed = true;
  };

  const carryOut = (line: string, { command, properties, data }: WorkflowCommand) => {
    log.executed.push({ command, properties, data });
    if (echoes && !quiet.has(command)) show(line);
    switch (command) {
      case 'error':
      case 'warning':
      case 'notice':
        return annotate(command, data, properties);
      case 'group':
        return show(`##[group]${data}`);
      case 'endgroup':
        return show('##[endgroup]');
      case 'add-mask':
        return data.trim() === '' ? annotate('warning', "Can't add secret mask for empty string") : secrets.add(data);
      case 'set-output':
        log.outputs[properties.name ?? ''] = data;
        return;
      case 'save-state':
        log.state[properties.name ?? ''] = data;
        return;
      case 'echo':
        echoes = data.trim().toLowerCase() === 'on';
        return;
      case 'set-env':
      case 'add-path':
        return fail(`Unable to process command '${line}' successfully. The \`${command}\` command is disabled.`);
    }
  };

  const stop = (line: string, token: string) => {
    log.executed.push({ command: 'stop-commands', properties: {}, data: token });
    if (token === '' || token === 'pause-logging' || known.has(token.toLowerCase())) {
      fail(`Unable to process command '${line}' successfully. Invalid token: ${token}`);
      return;
    }
    resumeToken = token.toLowerCase();
    known.add(resumeToken);
    show(line);
  };

  const log: StepLog = {
    lines: [],
    annotations: [],
    droppedAnnotations: 0,
    executed: [],
    outputs: {},
    state: {},
    failed: false,
    fail,
    take(line) {
      const command = parseCommand(line, known);
      if (!command || (resumeToken !== undefined && command.command !== resumeToken)) show(line);
      else if (resumeToken !== undefined) {
        known.delete(resumeToken);
        resumeToken = undefined;
        show(line);
      } else if (command.command === 'stop-commands') stop(line, command.data);
      else carryOut(line, command);
    },
  };
  return log;
}

/** Commands that are never echoed. */
const quiet = new Set(['add-mask', 'debug', 'error', 'notice', 'warning']);

function inWorkspace(file: string, workspace: string): string {
  const inside = relative(workspace, file);
  return isAbsolute(file) && !inside.startsWith('..') ? inside : file;
}
