import { join, resolve } from 'node:path';
import { describeCounts, describeInstalls, words } from '../client/describe.ts';
import { exitCodeOf } from '../client/exit-codes.ts';
import { writeReport } from '../client/result-files.ts';
import { failuresOf } from '../contract/failures.ts';
import type { Run, RunReport } from '../contract/run.ts';
import { annotationsOf } from './annotations.ts';
import { outputsOfEnd } from './outputs.ts';
import { type Step, setOutputs } from './step.ts';
import { renderSummary } from './summary.ts';
import { projectDir } from './workflow.ts';

/** A completed run, and how to get its results as JUnit XML. */
export interface Completed {
  run: Run;
  report: RunReport;
  writeJunit(path: string): Promise<void>;
}

const mostFailuresInLog = 50;

/** Tells what a completed run came to, in every way the step has, and fails the step when it is to fail. */
export async function conclude(step: Step, completed: Completed): Promise<void> {
  const { inputs, workflow, core, log } = step;
  const { run, report } = completed;
  setOutputs(step, outputsOfEnd(run));
  await writeFiles(step, completed);
  tellFailures(step, report);

  const folder = projectDir(inputs, step.env);
  const annotations = inputs.annotations ? annotationsOf(report, folder) : [];
  for (const { level, message, title, file, line } of annotations) {
    const place = { title, ...(file ? { file } : {}), ...(line ? { startLine: line } : {}) };
    if (level === 'error') core.error(message, place);
    else core.warning(message, place);
  }
  await core.summary.addRaw(renderSummary(report, { projectDir: folder, blobUrl: workflow.blobUrl })).write();

  const verdict = `${words(run.conclusion ?? run.status)}: ${describeCounts(run.counts)}. ${describeInstalls(run)}. ${run.url}`;
  log.line(`qgjob ${verdict}`);
  if (exitCodeOf(run, run.jobs, inputs.failOn) === 0) return;
  // of the ten error annotations that are shown, none is spent on saying that there are some
  if (annotations.some(({ level }) => level === 'error')) process.exitCode = 1;
  else core.setFailed(`qgjob ${verdict}${run.reason ? `\n${run.reason}` : ''}`);
}

async function writeFiles({ inputs, workflow, core }: Step, { report, writeJunit }: Completed): Promise<void> {
  if (inputs.reportDir === undefined) return;
  const folder = resolve(workflow.workspace, inputs.reportDir);
  const junit = join(folder, 'junit.xml');
  await writeReport(report, join(folder, 'report.json'));
  await writeJunit(junit);
  core.setOutput('junit-path', junit);
}

function tellFailures({ log }: Step, report: RunReport): void {
  const failures = failuresOf(report);
  for (const { file, line, title, message } of failures.slice(0, mostFailuresInLog)) {
    log.group(`✗ ${file}${line > 0 ? `:${line}` : ''}  ${title}`, message);
  }
  if (failures.length > mostFailuresInLog) {
    log.line(`and ${failures.length - mostFailuresInLog} more failures: ${report.run.url}`);
  }
}
