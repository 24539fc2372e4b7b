/** A value that a flag or an input cannot take; the message says what it can. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
}
