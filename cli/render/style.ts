import type { Output } from '../io.ts';

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Colour = keyof typeof codes;

/** Colours text, or leaves it alone where colours are unwanted. */
export type Style = (colour: Colour, text: string) => string;

/** Colours for this stream: FORCE_COLOR and NO_COLOR decide, then whether a terminal reads it. */
export function styleFor(output: Output, env: NodeJS.ProcessEnv): Style {
  if (!wantsColour(output, env)) return (_, text) => text;
  return (colour, text) => `\x1b[${codes[colour][0]}m${text}\x1b[${codes[colour][1]}m`;
}

function wantsColour(output: Output, env: NodeJS.ProcessEnv): boolean {
  if (env.FORCE_COLOR) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR) return false;
  return output.isTTY === true && env.TERM !== 'dumb';
}
