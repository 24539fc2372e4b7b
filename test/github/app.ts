import { onTestFinished } from 'vitest';
import { createGithubApp, type GithubOptions } from '../../server/github/app.ts';
import type { CheckRunWrite, GithubApp } from '../../server/github/github.ts';
import { type GithubOptions as BedOptions, type Github, startGithub } from '../support/github/github.ts';
import type { Installation, Repository } from '../support/github/state.ts';

/** Our adapter on a GitHub of its own, with the App installed on `acme/shop`. */
export interface Setting {
  github: Github;
  app: GithubApp;
  shop: Repository;
  installation: Installation;
  write(over?: Partial<CheckRunWrite>): CheckRunWrite;
  repository(): ReturnType<GithubApp['repository']>;
}

export async function openSetting(
  bed: BedOptions & { installationId?: number } = {},
  options: Partial<GithubOptions> & { privateKey?: (github: Github) => string; host?: string } = {},
): Promise<Setting> {
  const github = await startGithub(bed);
  onTestFinished(() => github.stop());
  const shop = github.repository('acme/shop');
  const { installationId: id } = bed;
  const installation = github.install(github.app, [shop], id === undefined ? {} : { id });
  const { privateKey = ({ keys }) => keys.privateKey, host = 'github.test', ...rest } = options;
  const app = createGithubApp(
    { host, apiUrl: github.apiUrl, appId: github.app.id, privateKey: privateKey(github) },
    { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), ...rest },
  );
  return {
    github,
    app,
    shop,
    installation,
    repository: () => app.repository(installation.id, 'acme/shop', shop.id),
    write: (over = {}) => ({
      status: 'in_progress',
      conclusion: null,
      startedAt: Date.UTC(2026, 0, 1),
      completedAt: null,
      title: 'Running',
      summary: '1 of 2',
      text: '',
      annotations: [],
      actions: [],
      name: 'qgjob',
      headSha: shop.branches.get('main') ?? '',
      externalId: 'run_1:1',
      detailsUrl: 'http://qgjob.test/runs/run_1',
      ...over,
    }),
  };
}

/** How many tokens a GitHub was asked for. */
export function mints(github: Github): number {
  return github.requests.filter(({ route }) => route === 'POST /app/installations/{installation_id}/access_tokens')
    .length;
}
