import { fullTitle, placesOf } from '../../../contract/failures.ts';
import { cutBytes, cutChars, plainText } from '../../../contract/markdown.ts';
import { firstInRepository } from '../../../contract/repository-path.ts';
import type { BlamedFailure } from '../blame.ts';
import type { CheckFindings, FlakyTest } from './findings.ts';
import type { CheckAnnotation } from './output.ts';

const mostAnnotations = 200;
const mostTitleChars = 255;
/** GitHub takes 64 KiB; with this, a request of 50 stays below one MiB. The run's page has the whole message. */
const mostMessageBytes = 16_384;

/**
 * The failures of tests and then what is flaky, different causes before repetitions, at places of the repository. What no
 * place in it is to blame for is told in the text alone, and what the infrastructure did never stands beside code. Where
 * only the file is known, its first line stands for all of it: GitHub wants a line, and in the list of changed files the
 * annotation is worth more than one that is not there.
 */
export function annotate(findings: CheckFindings): CheckAnnotation[] {
  const seen = new Set<string>();
  const taken: CheckAnnotation[] = [];
  for (const annotation of candidates(findings)) {
    // a file that did not load may say so in several messages, a test may fail in several projects: one is enough to see
    const place = JSON.stringify([annotation?.path, annotation?.startLine, annotation?.title]);
    if (annotation === null || seen.has(place)) continue;
    seen.add(place);
    taken.push(annotation);
    if (taken.length === mostAnnotations) break;
  }
  return taken;
}

function* candidates({ run, failures, flaky }: CheckFindings): Generator<CheckAnnotation | null> {
  const projectDir = run.github?.project_dir ?? '';
  const tests = failures.filter(({ blame }) => blame === 'test');
  const [counting, quarantined] = [tests.filter((one) => !one.isQuarantined), tests.filter((one) => one.isQuarantined)];
  for (const failure of [...counting, ...quarantined]) yield ofFailure(failure, projectDir);
  for (const test of flaky) yield ofFlaky(test, projectDir);
}

function ofFailure(failure: BlamedFailure, projectDir: string): CheckAnnotation | null {
  const title = failure.isQuarantined ? `Quarantined: ${failure.title}` : failure.title;
  const message = failure.message.trim() || failure.job.reason || failure.title;
  return annotation(placesOf(failure), projectDir, {
    level: failure.isQuarantined ? 'warning' : 'failure',
    title,
    message,
  });
}

function ofFlaky({ test, isQuarantined }: FlakyTest, projectDir: string): CheckAnnotation | null {
  return annotation([test], projectDir, {
    level: 'warning',
    title: `Flaky${isQuarantined ? ' and quarantined' : ''}: ${fullTitle(test)}`,
    message: 'It failed, and passed when it was tried again.',
  });
}

function annotation(
  places: readonly { file: string; line: number }[],
  projectDir: string,
  { level, title, message }: Pick<CheckAnnotation, 'level' | 'title' | 'message'>,
): CheckAnnotation | null {
  const place = firstInRepository(places, projectDir);
  if (!place) return null;
  const line = Math.max(1, place.line);
  return {
    path: place.path,
    startLine: line,
    endLine: line,
    level,
    title: cutChars(plainText(title).replace(/\s+/g, ' ').trim(), mostTitleChars) || 'Failed',
    message: cutBytes(plainText(message).trim(), mostMessageBytes) || 'There is no message.',
  };
}
