const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const combining = /\p{Mn}|\u200b|\u200d|\ufe0f/u;

/** How many columns of a terminal a plain text takes; East Asian letters and pictures take two. */
export function widthOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOfOne(character);
  return columns;
}

/** Cuts a plain text to so many columns, with an ellipsis where something is missing. */
export function truncate(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let taken = 1;
  for (const character of text) {
    taken += widthOfOne(character);
    if (taken > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

function widthOfOne(character: string): number {
  // most text is plain ASCII: decided without a regular expression
  if (character <= '~') return 1;
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
