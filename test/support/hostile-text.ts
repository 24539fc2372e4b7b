/** What someone could put into a title, a message, a file name or a device's name to make GitHub or a page do something. */
const attacks: readonly string[] = [
  '@octocat',
  '@github/security',
  '#1',
  'GH-1',
  'octo/repo#1',
  'octo/repo@a5c3785ed8d6a35868bc169f07e40e889087fd2e',
  'a5c3785ed8d6a35868bc169f07e40e889087fd2e',
  'a5c3785',
  'https://evil.example/x',
  'www.evil.example',
  'http://evil.example?a=b&c=d',
  'mail@evil.example',
  'mailto:mail@evil.example',
  '<https://evil.example>',
  '[click](https://evil.example)',
  '[click](javascript:alert(1))',
  '[click][1]\n\n[1]: https://evil.example',
  '![shot](https://evil.example/pixel.png)',
  '[![shot](https://evil.example/pixel.png)](https://evil.example)',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '<a href="https://evil.example">click</a>',
  '</code></summary></details><h1>Passed</h1>',
  '</details>',
  '<details><summary>more</summary>',
  '<!-- hidden',
  '-->',
  '<![CDATA[x]]>',
  '# Passed',
  'Passed\n===',
  '> quote',
  '- [x] done',
  '1. one',
  '***bold***',
  '~~gone~~',
  '---',
  '| a | b |\n| --- | --- |\n| c | d |',
  '|',
  '||',
  '\\|',
  '\\\\|',
  '\\',
  '\\`',
  '`',
  '``',
  '```',
  '````',
  '`````````````',
  '```mermaid\ngraph TD; A-->B\n```',
  '```math\nx^2\n```',
  '~~~\ncode\n~~~',
  '$x^2$',
  '$$x^2$$',
  '$`x`$',
  ':rocket:',
  '[^1]\n\n[^1]: note',
  '[[wiki]]',
  '&lt;b&gt; &#64;octocat &commat;octocat',
  '&#x60;&#96;&grave;',
  '\u202Egnp.exe',
  '\u200B@\u200Boctocat',
  '\u2066isolate\u2069',
  '\u0000\u0007\u001b[31mred\u001b[0m\u009b31m',
  '\r\n\r\n# Passed',
  '\u2028# Passed\u2029',
  '\ud800',
  '\udc00half',
  '😀👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'שלום @octocat مرحبا',
  '*/ --> ]]> "\' {{ }} %{x} %s',
  '    indented code @octocat',
  '\t@octocat',
  '[ ](',
  '](https://evil.example)',
  '[',
  ')',
  '::error::injected',
  '',
  ' ',
];

const joints = [
  '',
  ' ',
  '\n',
  '\n\n',
  '|',
  '`',
  '``',
  '\\',
  '\t',
  '\r\n',
  '|`',
  '`|',
  '\\|',
  ' ` ',
  '&#124;',
  '$',
  '<',
];

/** So many different hostile texts, always the same ones; a few of them 70 KB long. */
export function hostileTexts(count: number): string[] {
  const random = mulberry(20_261_123);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? '';
  const texts = new Set<string>(attacks);
  for (const attack of attacks.slice(0, 10)) texts.add(attack.padEnd(70_000, `${attack} `));
  texts.add('`'.repeat(70_000));
  while (texts.size < count) {
    const parts = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(attacks) + pick(joints));
    texts.add(pick(joints) + parts.join(''));
  }
  return [...texts];
}

/** A small generator of pseudo-random numbers below 1. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
