import { InvalidArgumentError } from 'commander';
import { InvalidValue } from '../client/invalid-value.ts';

/** Makes a parser of commander's from one that knows nothing of flags. */
export function flagValue<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof InvalidValue ? new InvalidArgumentError(error.message) : error;
    }
  };
}
