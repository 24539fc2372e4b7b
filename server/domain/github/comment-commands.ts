import type { CommentCommand } from './event.ts';

/** More than a person means: a comment may hold 65,536 characters. */
const maxCommands = 4;

/**
 * What a comment asks for: each command at the beginning of a line of its own, outside of code blocks and quotations. Anything
 * else that looks like one is talk about it. `/qgjob run abc1234` names the commit that is meant.
 */
export function commandsIn(body: string): CommentCommand[] {
  const commands: CommentCommand[] = [];
  let fence: string | null = null;
  for (const line of body.split(/\r\n|\r|\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === null || mark.startsWith(fence))) {
      fence = fence === null ? mark : null;
      continue;
    }
    if (fence !== null) continue;
    const run = /^\/qgjob[ \t]+run(?:[ \t]+([0-9a-f]{7,64}))?[ \t]*$/.exec(line);
    if (run) commands.push({ name: 'run', sha: run[1] ?? null });
    else if (/^\/qgjob[ \t]+retry[ \t]*$/.test(line)) commands.push({ name: 'retry' });
    if (commands.length === maxCommands) break;
  }
  return commands;
}
