/** Keeps what the server must be able to read again: the private keys of GitHub Apps. */
export interface Secrets {
  /**
   * The text, readable only through `open` with the same context: a sealed text moved to another place opens nowhere.
   * @throws DomainError `not_available` when there is no key to seal with; its text says how to give one
   */
  seal(text: string, context: string): Promise<string>;
  /** @throws Unreadable */
  open(sealed: string, context: string): Promise<string>;
}

/** It was sealed with another key, or it was changed. The message says what to do and holds nothing secret. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
