import { z } from 'zod';
import type { SessionVerdict } from './cloud-job.ts';

const Verdict = z.object({ status: z.string(), reason: z.string().nullish() });

/** What a runner says of how its test ended; null where it says something else, such as what the test is called. */
export function verdictIn(body: string): SessionVerdict | null {
  const said = parsed(body);
  if (!said) return null;
  // BrowserStack knows two ways to end; runners have more words for failing
  return { status: said.status === 'passed' ? 'passed' : 'failed', reason: said.reason ?? '' };
}

function parsed(body: string): z.infer<typeof Verdict> | null {
  try {
    return Verdict.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}
