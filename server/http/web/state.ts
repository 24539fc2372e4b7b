import { signs, toneOf, words } from './format.ts';
import { type Markup, markup } from './markup.ts';

/** A state as a sign and a word in its colour. */
export function stateOf(state: string): Markup {
  const tone = toneOf(state);
  return markup`<span class="state ${tone}">${signs[tone]} ${words(state)}</span>`;
}
