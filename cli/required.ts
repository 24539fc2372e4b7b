import { exitCodes } from '../client/exit-codes.ts';
import { UserError } from '../client/user-error.ts';

/**
 * A flag's value that the command cannot do without. Commander's own required options are told of before unknown ones, so that
 * a misspelt flag would be called missing.
 */
export function required<T>(value: T | undefined, flag: string, example: string): T {
  if (value !== undefined) return value;
  throw new UserError(`${flag} is missing.`, exitCodes.usage, [`For example: ${example}`]);
}
