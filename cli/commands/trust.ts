import { type Command, Option } from 'commander';
import { defined } from '../../client/defined.ts';
import { InvalidValue } from '../../client/invalid-value.ts';
import { orgOf } from '../../client/org.ts';
import { plainLine } from '../../client/plain-text.ts';
import { type TrustPolicy, TrustPolicyBody } from '../../contract/org.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { flagValue } from '../flag-value.ts';
import { styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { required } from '../required.ts';

const orgFlag = ['--org-id <id>', "the organisation (default: the key's own)"] as const;
const example = '--repository-id=1296269 --owner-id=583231';

interface AddFlags {
  orgId?: string;
  repositoryId?: number;
  ownerId?: number;
  repository?: string;
  issuer?: string;
  role: TrustPolicyBody['role'];
  ref?: string;
  environment?: string;
  event?: string[];
  jobWorkflowRef?: string;
}

export function define(command: Command, bind: Bind): void {
  command.description('Says which GitHub workflows may use this server without an API key.').addHelpText(
    'after',
    `
Examples:
  gh api repos/OWNER/NAME --jq '.id, .owner.id'        the two ids that a policy is bound to
  qgjob trust add --org-id=qualgent ${example} --repository=octocat/hello-world
  qgjob trust add ${example} --ref=refs/heads/main --event=push --event=schedule
  qgjob trust list --org-id=qualgent
  qgjob trust remove tru_4f1c --org-id=qualgent

A workflow needs 'permissions: id-token: write', and no secret. Ids are trusted, names are not: a repository that is renamed
stays trusted, one that is transferred to another owner does not, nor does another that takes its name. Workflows started by
pull_request_target, workflow_run or issue_comment are refused unless a policy names the event.`,
  );
  command
    .command('add')
    .description('Trusts the workflows of a repository that fit everything given.')
    .option(...orgFlag)
    .option('--repository-id <n>', "GitHub's id of the repository", flagValue(parseId))
    .option('--owner-id <n>', "GitHub's id of its owner", flagValue(parseId))
    .option('--repository <owner/name>', 'its name, for people')
    .addOption(
      new Option('--role <role>', 'what its workflows may do')
        .choices(TrustPolicyBody.shape.role.options)
        .default('submit'),
    )
    .option('--issuer <url>', "whose ids they are, of several GitHubs (default: the server's first issuer)")
    .option('--ref <ref>', 'only of this ref: refs/heads/main')
    .option('--environment <name>', 'only of jobs in this environment')
    .option('--event <event>', 'only started by this event; repeats', (event: string, list: string[] = []) => [
      ...list,
      event,
    ])
    .option('--job-workflow-ref <ref>', 'only of this (reusable) workflow: owner/name/.github/workflows/e2e.yml@ref')
    .action(bind(add));
  command
    .command('list', { isDefault: true })
    .description('Lists trust policies, oldest first.')
    .option(...orgFlag)
    .action(bind(list));
  command
    .command('remove')
    .description('Trusts no longer: the sessions it gave are revoked within 5 s.')
    .argument('<policy-id>')
    .option(...orgFlag)
    .action(bind(remove));
}

async function add(cli: Cli, command: Command): Promise<void> {
  const flags = command.opts<AddFlags>();
  const repositoryId = required(flags.repositoryId, '--repository-id', `qgjob trust add ${example}`);
  const body = {
    name: flags.repository ?? `repository ${repositoryId}`,
    role: flags.role,
    repository_id: repositoryId,
    repository_owner_id: required(flags.ownerId, '--owner-id', `qgjob trust add ${example}`),
    ...defined({
      issuer: flags.issuer,
      ref: flags.ref,
      environment: flags.environment,
      event_names: flags.event,
      job_workflow_ref: flags.jobWorkflowRef,
    }),
  };
  const client = connect(cli);
  const { body: made } = await client.createTrustPolicy({ params: { org: await orgOf(client, flags.orgId) }, body });
  const text = () => `Added ${made.id}: workflows of ${plainLine(made.name)} may ${made.role}.`;
  cli.print({ json: made, id: made.id, text });
}

async function list(cli: Cli, command: Command): Promise<void> {
  const client = connect(cli);
  const org = await orgOf(client, command.opts<{ orgId?: string }>().orgId);
  const { body } = await client.listTrustPolicies({ params: { org } });
  const rows = body.items.map((policy) => [
    policy.id,
    policy.name,
    String(policy.repository_id),
    String(policy.repository_owner_id),
    policy.role,
    onlyOf(policy),
  ]);
  const header = ['policy', 'repository', 'id', 'owner id', 'role', 'only'];
  const style = styleFor(cli.io.stdout, cli.io.env);
  cli.print({
    json: body,
    id: body.items.map((policy) => policy.id),
    text: () => renderTable(header, rows, { style, empty: 'No trust policies.' }),
  });
}

async function remove(cli: Cli, command: Command): Promise<void> {
  const client = connect(cli);
  const [id = ''] = command.args;
  const org = await orgOf(client, command.opts<{ orgId?: string }>().orgId);
  await client.deleteTrustPolicy({ params: { org, policy_id: id } });
  cli.print({ json: { id, removed: true }, id, text: () => `Removed ${plainLine(id)}; its sessions are revoked.` });
}

/** What else a policy asks for, in words. */
function onlyOf({ ref, environment, event_names, job_workflow_ref }: TrustPolicy): string {
  const bounds = defined({ ref, environment, event: event_names?.join(' or '), workflow: job_workflow_ref });
  const words = Object.entries(bounds).map(([what, is]) => `${what} ${is}`);
  return words.length > 0 ? words.join(', ') : 'any workflow';
}

/** @throws InvalidValue */
function parseId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidValue("Give a whole number, as `gh api repos/OWNER/NAME --jq '.id, .owner.id'` prints.");
}
