/** The values a runner hides in its log, in the forms in which it knows them. */
export interface Secrets {
  add(secret: string): void;
  /** `text` with each of them as `***`. */
  mask(text: string): string;
  /** Those that stand in `text`, in any form. */
  seenIn(text: string): string[];
}

export function secretsOf(initial: readonly string[]): Secrets {
  const forms = new Map<string, string[]>();
  const secrets: Secrets = {
    add(secret) {
      for (const line of [secret, ...secret.split(/[\r\n]+/)]) {
        if (line.trim() !== '') forms.set(line, formsOf(line));
      }
    },
    mask: (text) =>
      [...forms.values()]
        .flat()
        .sort((a, b) => b.length - a.length)
        .reduce((masked, form) => masked.replaceAll(form, '***'), text),
    seenIn: (text) => [...forms].filter(([, list]) => list.some((form) => text.includes(form))).map(([one]) => one),
  };
  initial.forEach(secrets.add);
  return secrets;
}

/** A secret as it is, as part of a URL, of JSON, and in base64 whatever stands before it. */
function formsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.from(' '.repeat(before) + secret).toString('base64');
    // the first and last characters hold bits of the neighbours
    const from = Math.ceil((before * 8) / 6);
    return encoded.slice(from, encoded.length - (encoded.endsWith('=') ? 3 : 0));
  });
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...inBase64];
  // less than that stands anywhere by chance
  return [...new Set(forms)].filter((form) => form === secret || form.length >= 8);
}
