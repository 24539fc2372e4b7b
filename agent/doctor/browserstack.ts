import { addressesOf, createBrowserstackApi } from '../browserstack/api.ts';
import type { BrowserstackSettings } from '../settings.ts';
import type { MachineCheck } from './machine.ts';

/** Longer than this nobody waits for a doctor. */
const patienceMs = 30_000;

/** Whether the account is known to BrowserStack, and has parallels. Never rejects. */
export async function examineBrowserstack(settings: BrowserstackSettings): Promise<MachineCheck> {
  const name = 'BrowserStack';
  const api = createBrowserstackApi({ ...settings, ...addressesOf(settings) });
  try {
    const plan = await api.plan(AbortSignal.timeout(patienceMs));
    const { parallel_sessions_max_allowed: most, parallel_sessions_running: running } = plan;
    const detail = `${running} of ${most} parallels in use by ${settings.username}'s account`;
    if (most > 0) return { name, ok: true, detail };
    return { name, ok: false, detail, advice: 'The plan has no parallels for App Automate: see its subscription.' };
  } catch (error) {
    const { message } = error as Error;
    const advice =
      "Compare the environment variables that 'username_env' and 'access_key_env' name with the account's settings page, and see that this machine reaches BrowserStack.";
    return { name, ok: false, detail: message, advice };
  }
}
