import type { Contexts } from './expressions.ts';

/** The workflow around a step; what is left out is as on a push to qualgent/shop. */
export interface Workflow {
  event?: { name: string; payload: Record<string, unknown> };
  /** Over the `github` context, by its own names: `run_attempt`, `ref`, … */
  github?: Record<string, string>;
  matrix?: Record<string, unknown> | null;
  job?: Record<string, unknown>;
}

const ofAPush = {
  action: '__qualgent_qgjob-action',
  actor: 'octocat',
  actor_id: '583231',
  api_url: 'https://api.github.com',
  base_ref: '',
  event_name: 'push',
  graphql_url: 'https://api.github.com/graphql',
  head_ref: '',
  job: 'e2e',
  ref: 'refs/heads/main',
  ref_name: 'main',
  ref_protected: 'false',
  ref_type: 'branch',
  repository: 'qualgent/shop',
  repository_id: '700000001',
  repository_owner: 'qualgent',
  repository_owner_id: '9001',
  retention_days: '90',
  run_attempt: '1',
  run_id: '8000000001',
  run_number: '17',
  server_url: 'https://github.com',
  sha: '1f0c2a7f9be0d1f7ad9a3c1c1b1f1b9c0d3e5a77',
  triggering_actor: 'octocat',
  workflow: 'e2e',
  workflow_ref: 'qualgent/shop/.github/workflows/e2e.yml@refs/heads/main',
  workflow_sha: '1f0c2a7f9be0d1f7ad9a3c1c1b1f1b9c0d3e5a77',
} as const;

/** The contexts that expressions in action.yml may name. */
export function contextsOf({ event, github, matrix = null, job }: Workflow, workspace: string) {
  const described: Record<string, string> = {
    ...ofAPush,
    ...(event ? { event_name: event.name } : {}),
    ...github,
    workspace,
  };
  return {
    github: { ...described, event: event?.payload ?? {} },
    described,
    matrix,
    job: { status: 'success', check_run_id: 31337000001, ...job },
    strategy: {},
    runner: { os: 'Linux', arch: 'X64', environment: 'github-hosted' },
  } satisfies Contexts;
}

/** GITHUB_* as the runner derives it from the `github` context, and what else it sets for every step. */
export function environmentOf(described: Record<string, string>, temporaryFolder: string): Record<string, string> {
  const ofGithub = Object.entries(described).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]);
  return {
    ...Object.fromEntries(ofGithub),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    RUNNER_ARCH: 'X64',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_NAME: 'GitHub Actions 1',
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: temporaryFolder,
    RUNNER_TOOL_CACHE: temporaryFolder,
    RUNNER_TRACKING_ID: 'github_00000000-0000-0000-0000-000000000000',
    HOME: temporaryFolder,
    LANG: 'C.UTF-8',
  };
}

/** INPUT_* as the runner names it: in capitals, blanks as underscores, hyphens as they are. */
export function inputEnvironment(inputs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase().replaceAll(' ', '_')}`, value]),
  );
}
