import type { Command } from 'commander';
import type { Bind } from './cli.ts';

/** A command's own module: it says what the command takes and what it does. */
export interface CommandModule {
  define(command: Command, bind: Bind): void;
}

interface Entry {
  name: string;
  summary: string;
  load(): Promise<CommandModule>;
}

/**
 * Every command, grouped as the help shows them. A command's module, and all that it imports, is loaded when that command is
 * called: `qgjob --version` pays for none of them.
 */
export const commandGroups: readonly { heading: string; commands: readonly Entry[] }[] = [
  {
    heading: 'Run tests:',
    commands: [
      { name: 'submit', summary: 'submit spec files for an app version', load: () => import('./commands/submit.ts') },
      { name: 'run', summary: 'run spec files here, without a server', load: () => import('./commands/run.ts') },
      { name: 'plan', summary: 'show what a submission would do', load: () => import('./commands/plan.ts') },
    ],
  },
  {
    heading: 'Follow and steer:',
    commands: [
      { name: 'status', summary: 'show a run or a job', load: () => import('./commands/status.ts') },
      { name: 'wait', summary: 'wait until a run or a job has completed', load: () => import('./commands/wait.ts') },
      { name: 'list', summary: 'list runs or jobs', load: () => import('./commands/list.ts') },
      { name: 'logs', summary: 'print what a job printed', load: () => import('./commands/logs.ts') },
      {
        name: 'explain',
        summary: 'say why a job waits, and for how long',
        load: () => import('./commands/explain.ts'),
      },
      { name: 'approve', summary: "let a fork's commit be tested", load: () => import('./commands/approve.ts') },
      { name: 'cancel', summary: 'cancel a run or a job', load: () => import('./commands/cancel.ts') },
      { name: 'retry', summary: 'run a run or a job again', load: () => import('./commands/retry.ts') },
    ],
  },
  {
    heading: 'Server, agents, devices:',
    commands: [
      { name: 'serve', summary: 'start a server', load: () => import('./commands/serve.ts') },
      { name: 'agent', summary: 'start an agent beside devices', load: () => import('./commands/agent.ts') },
      { name: 'agents', summary: 'list, pause, resume or drain agents', load: () => import('./commands/agents.ts') },
      { name: 'devices', summary: 'list devices', load: () => import('./commands/devices.ts') },
      {
        name: 'export-trace',
        summary: 'write what ran as a trace',
        load: () => import('./commands/export-trace.ts'),
      },
      {
        name: 'simulate',
        summary: 'play a trace through the scheduler',
        load: () => import('./commands/simulate.ts'),
      },
    ],
  },
  {
    heading: 'Apps and access:',
    commands: [
      { name: 'apps', summary: 'upload or list app versions', load: () => import('./commands/apps.ts') },
      { name: 'orgs', summary: 'create or list organisations', load: () => import('./commands/orgs.ts') },
      { name: 'keys', summary: 'create, list or revoke API keys', load: () => import('./commands/keys.ts') },
      {
        name: 'quarantine',
        summary: 'list or end quarantines of tests',
        load: () => import('./commands/quarantine.ts'),
      },
      { name: 'trust', summary: 'let GitHub workflows in without a key', load: () => import('./commands/trust.ts') },
      {
        name: 'github',
        summary: 'show the GitHub App, and what it is missing',
        load: () => import('./commands/github.ts'),
      },
      { name: 'login', summary: 'store an API key for a server', load: () => import('./commands/login.ts') },
      { name: 'doctor', summary: 'check that everything is in place', load: () => import('./commands/doctor.ts') },
      { name: 'completion', summary: 'complete commands in a shell', load: () => import('./commands/completion.ts') },
    ],
  },
];
