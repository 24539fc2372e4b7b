/** Leaves out what is undefined, so that a body holds only what was said. */
export function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const said = Object.entries(values).filter(([, value]) => value !== undefined);
  // safe because only the undefined ones are gone
  return Object.fromEntries(said) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
