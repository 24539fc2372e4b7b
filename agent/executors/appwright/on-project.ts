import type { ExecuteRequest, Execution } from '../executor.ts';
import { hindered, refusal, timed } from '../runner/execution.ts';
import type { Verdict } from '../runner/outcome.ts';
import { type AppwrightProject, findAppwright } from './project.ts';

/** Does `run` once project and spec are known to be there, and says how long it took; else says what is missing. */
export function onProject(
  request: ExecuteRequest,
  run: (project: AppwrightProject) => Promise<Verdict>,
): Promise<Execution> {
  return timed(async () => {
    const project = findAppwright(request.projectDir);
    if (typeof project === 'string') return refusal('config_error', project);
    return (await hindered(request)) ?? run(project);
  });
}
