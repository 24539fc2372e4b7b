/** A command as shells complete it. */
export interface CompletionEntry {
  name: string;
  summary: string;
  flags: { name: string; summary: string; takesValue: boolean; choices: readonly string[] }[];
  subcommands: CompletionEntry[];
}

type Render = (commands: readonly CompletionEntry[], everywhere: CompletionEntry['flags']) => string;

/** A completion script for each shell that has one. */
export const shells: ReadonlyMap<string, Render> = new Map([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
]);

function bash(commands: readonly CompletionEntry[], everywhere: CompletionEntry['flags']): string {
  return `# qgjob completion for bash
_qgjob() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words
  if [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ $word == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-1]}; word=; fi
${choiceCases(commands, everywhere)}
  if (( COMP_CWORD == 1 )); then
    words=${quoted([...commands.map((c) => c.name), '--help', '--version'])}
  else
${wordCases(commands, everywhere)}
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _qgjob qgjob
`;
}

function zsh(commands: readonly CompletionEntry[], everywhere: CompletionEntry['flags']): string {
  return `# qgjob completion for zsh, through that for bash
autoload -U +X bashcompinit && bashcompinit
${bash(commands, everywhere)}`;
}

function wordCases(commands: readonly CompletionEntry[], everywhere: CompletionEntry['flags']): string {
  const cases = commands.map(({ name, flags, subcommands }) => {
    const own = [
      ...subcommands.map((sub) => sub.name),
      ...[...flags, ...subcommands.flatMap((sub) => sub.flags)].map((f) => f.name),
    ];
    return `      ${name}) words=${quoted([...own, ...everywhere.map((flag) => flag.name), '--help'])} ;;`;
  });
  return `    case \${COMP_WORDS[1]} in\n${cases.join('\n')}\n    esac`;
}

function choiceCases(commands: readonly CompletionEntry[], everywhere: CompletionEntry['flags']): string {
  const flags = [...everywhere, ...commands.flatMap((c) => [...c.flags, ...c.subcommands.flatMap((sub) => sub.flags)])];
  const choices = new Map<string, Set<string>>();
  for (const flag of flags) {
    if (flag.choices.length === 0) continue;
    choices.set(flag.name, new Set([...(choices.get(flag.name) ?? []), ...flag.choices]));
  }
  const cases = [...choices].map(
    ([name, values]) => `    ${name}) COMPREPLY=($(compgen -W ${quoted([...values])} -- "$word")); return ;;`,
  );
  return `  case $previous in\n${cases.join('\n')}\n  esac`;
}

function fish(commands: readonly CompletionEntry[], everywhere: CompletionEntry['flags']): string {
  const flag = (condition: string, { name, summary, takesValue, choices }: CompletionEntry['flags'][number]) => {
    const values = choices.length > 0 ? ` -x -a ${quoted(choices)}` : takesValue ? ' -r' : '';
    return `complete -c qgjob${condition} -l ${name.slice(2)} -d ${quoted([summary])}${values}`;
  };
  const seen = (name: string) => ` -n '__fish_seen_subcommand_from ${name}'`;
  const lines = commands.flatMap(({ name, summary, flags, subcommands }) => [
    `complete -c qgjob -f -n __fish_use_subcommand -a ${name} -d ${quoted([summary])}`,
    ...subcommands.map((sub) => `complete -c qgjob -f${seen(name)} -a ${sub.name} -d ${quoted([sub.summary])}`),
    ...[...flags, ...subcommands.flatMap((sub) => sub.flags)].map((each) => flag(seen(name), each)),
  ]);
  return ['# qgjob completion for fish', ...everywhere.map((each) => flag('', each)), ...lines, ''].join('\n');
}

/** Words as one single-quoted string of a shell. */
function quoted(words: readonly string[]): string {
  return `'${words.join(' ').replaceAll("'", '’')}'`;
}
