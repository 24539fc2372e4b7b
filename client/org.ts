import type { Client } from '../contract/client.ts';
import { exitCodes } from './exit-codes.ts';
import { UserError } from './user-error.ts';

/** The organisation named, else the one the key belongs to. @throws UserError for a key that belongs to none. */
export async function orgOf(client: Client, named: string | undefined): Promise<string> {
  if (named) return named;
  const { body } = await client.whoAmI();
  if (body.org_id !== null) return body.org_id;
  throw new UserError('Which organisation?', exitCodes.usage, [
    "This key belongs to none: give --org-id, in a workflow the input org-id. 'qgjob orgs list' shows them, 'qgjob orgs create' makes one.",
  ]);
}
