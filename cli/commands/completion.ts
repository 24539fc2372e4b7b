import { Command } from 'commander';
import { exitCodes } from '../../client/exit-codes.ts';
import { UserError } from '../../client/user-error.ts';
import type { Bind, Cli } from '../cli.ts';
import { commandGroups } from '../commands.ts';
import { type CompletionEntry, shells } from '../render/completion.ts';

export function define(command: Command, bind: Bind): void {
  command
    .argument('<shell>', 'bash, zsh or fish')
    .description('Prints a script that completes qgjob commands and flags in your shell.')
    .addHelpText(
      'after',
      `
Examples:
  source <(qgjob completion bash)                                  in ~/.bashrc
  source <(qgjob completion zsh)                                   in ~/.zshrc, after compinit
  qgjob completion fish > ~/.config/fish/completions/qgjob.fish`,
    )
    .action(bind(completion));
}

async function completion(cli: Cli, command: Command): Promise<void> {
  const shell = command.args[0] ?? '';
  const render = shells.get(shell);
  if (!render) {
    throw new UserError(`'${shell}' is no shell known here.`, exitCodes.usage, ['Known are bash, zsh and fish.']);
  }
  const everywhere = flagsOf(command.parent ?? command);
  cli.io.stdout.write(render(await entries(), everywhere));
}

async function entries(): Promise<CompletionEntry[]> {
  const all = commandGroups.flatMap((group) => group.commands);
  return Promise.all(
    all.map(async ({ name, summary, load }) => {
      const command = new Command(name);
      (await load()).define(command, () => async () => {});
      return { name, summary, flags: flagsOf(command), subcommands: command.commands.map(entryOf) };
    }),
  );
}

function entryOf(command: Command): CompletionEntry {
  return { name: command.name(), summary: command.description(), flags: flagsOf(command), subcommands: [] };
}

function flagsOf(command: Command): CompletionEntry['flags'] {
  return command.options.flatMap((option) =>
    option.long
      ? [
          {
            name: option.long,
            summary: option.description,
            takesValue: option.required,
            choices: option.argChoices ?? [],
          },
        ]
      : [],
  );
}
