import type { Command } from 'commander';
import { formatDuration } from '../../client/duration.ts';
import { orgOf } from '../../client/org.ts';
import { plainLine } from '../../client/plain-text.ts';
import type { Plan } from '../../contract/run.ts';
import type { Bind, Cli } from '../cli.ts';
import { connect } from '../connect.ts';
import { type Style, styleFor } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { readSubmission, type SubmissionFlags, withSubmission } from '../submission.ts';

export function define(command: Command, bind: Bind): void {
  withSubmission(command)
    .description(
      'Shows what a submission would do: groups, devices, installs and minutes. Nothing is sent to a device.',
    )
    .addHelpText(
      'after',
      `
Example:
  qgjob plan --org-id=qualgent --app-version-id=xyz123 --test 'tests/**/*.spec.ts'`,
    )
    .action(bind(plan));
}

async function plan(cli: Cli, command: Command): Promise<void> {
  const flags = command.opts<SubmissionFlags>();
  const submission = await readSubmission(cli, flags);
  const client = connect(cli);
  const body = { org_id: await orgOf(client, flags.orgId), ...submission.body };
  const { body: planned } = await client.planRun({ body });
  const style = styleFor(cli.io.stdout, cli.io.env);
  cli.print({ json: planned, id: submission.body.app_version_id, text: () => renderPlan(planned, style) });
}

function renderPlan(plan: Plan, style: Style): string {
  const rows = plan.groups.map((group) => {
    const warm = group.compatible_devices.filter((device) => device.installed).length;
    return [
      group.app_version_id,
      group.target,
      group.jobs,
      `${group.compatible_devices.length}${warm > 0 ? ` (${warm} with the app)` : ''}`,
      group.predicted_installs,
      minutes(group.predicted_minutes),
    ];
  });
  const header = ['app version', 'target', 'jobs', 'devices', 'installs', 'takes'];
  const groups = plan.groups.length === 1 ? 'group' : 'groups';
  const total = `${plan.jobs} ${plan.jobs === 1 ? 'job' : 'jobs'} in ${plan.groups.length} ${groups}, ${plan.predicted_installs} ${plan.predicted_installs === 1 ? 'install' : 'installs'} to expect`;
  const takes = plan.predicted_minutes === null ? '' : `, about ${minutes(plan.predicted_minutes)}`;
  return [
    renderTable(header, rows, { style, empty: '' }),
    '',
    `${total}${takes}`,
    ...plan.warnings.map((warning) => `${style('yellow', '!')} ${plainLine(warning)}`),
  ].join('\n');
}

function minutes(amount: number | null): string {
  return amount === null ? 'unknown' : formatDuration(amount * 60_000);
}
