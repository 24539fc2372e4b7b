import { stripVTControlCharacters } from 'node:util';
import { SaxesParser } from 'saxes';

/** One `<testcase>` as the runner told it. */
export interface JunitCase {
  name: string;
  className: string;
  /** As the report has them, which few runners tell. */
  file: string | null;
  line: number | null;
  durationMs: number;
  /** `flaky`: failed first and passed when tried again. */
  status: 'passed' | 'failed' | 'skipped' | 'flaky';
  /** The first line is the message; the rest what the runner said besides. */
  failures: { message: string; detail: string }[];
  /** Files named by `[[ATTACHMENT|path]]`, relative to the report. */
  attachments: string[];
}

export interface JunitReport {
  cases: JunitCase[];
  /** Failures that belong to no test. */
  failures: { message: string; detail: string }[];
}

const maxCases = 20_000;
const maxTextLength = 65_536;
const maxDepth = 100;

/** Of Maven's Surefire: what went wrong in a try that a later one made good, or did not. */
const failing = new Set(['failure', 'error']);
const retried = new Set(['flakyFailure', 'flakyError']);
const repeated = new Set(['rerunFailure', 'rerunError']);

/**
 * Reads JUnit's XML as its many writers make it: any nesting of suites, with or without a root of its own. A document that
 * declares a type is refused, for entities come with it. @throws Error where the text is no report
 */
export function parseJunit(text: string): JunitReport {
  const report: JunitReport = { cases: [], failures: [] };
  const path: string[] = [];
  let test: JunitCase | null = null;
  let failure: { message: string; detail: string } | null = null;
  let output = '';

  const parser = new SaxesParser();
  parser.on('doctype', () => {
    throw new Error('it declares a document type, which no JUnit report does');
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (path.length === 0 && name !== 'testsuites' && name !== 'testsuite') {
      throw new Error(`it is no JUnit report: its root is <${name.slice(0, 64)}>`);
    }
    if (path.push(name) > maxDepth) throw new Error('it is nested too deeply');
    if (name === 'testcase') test = toCase(attributes);
    else if (failing.has(name) || retried.has(name) || repeated.has(name)) {
      failure = { message: attributes.message ?? '', detail: '' };
      if (test && test.status !== 'failed') test.status = retried.has(name) ? 'flaky' : 'failed';
      if (repeated.has(name) && test) test.status = 'failed';
    } else if (name === 'skipped' && test?.status === 'passed') test.status = 'skipped';
  });
  const take = (piece: string) => {
    if (failure) failure.detail = (failure.detail + piece).slice(0, maxTextLength);
    else if (path.at(-1) === 'system-out') output = (output + piece).slice(-maxTextLength);
  };
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('closetag', ({ name }) => {
    path.pop();
    if (failure && (failing.has(name) || retried.has(name) || repeated.has(name))) {
      (test ?? report).failures.push(tidy(failure, name));
      failure = null;
    }
    if (name === 'system-out') {
      test?.attachments.push(...[...output.matchAll(/\[\[ATTACHMENT\|([^\]\n]+)\]\]/g)].map(([, file = '']) => file));
      output = '';
    }
    if (name === 'testcase' && test) {
      if (report.cases.push(test) > maxCases) throw new Error(`it has more than ${maxCases} tests`);
      test = null;
    }
  });
  parser.write(legalIn(text)).close();
  return report;
}

/** Without what XML forbids and runners write all the same: terminals' colours, and other control characters. */
function legalIn(text: string): string {
  const spelt = text.replace(/&#(?:x([0-9a-f]{1,2})|([0-9]{1,3}));/gi, (reference, hex, decimal) => {
    const character = String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    return control.test(character) ? character : reference;
  });
  return stripVTControlCharacters(spelt).replaceAll(new RegExp(control, 'gu'), '\uFFFD');
}

/** Every control character but tab and the ends of lines. */
const control = /[^\P{Cc}\t\n\r]/u;

function toCase(attributes: Record<string, string>): JunitCase {
  const { name = '', classname = '', file, line, time } = attributes;
  const seconds = Number(time?.replaceAll(',', ''));
  return {
    name,
    className: classname,
    file: file ?? null,
    line: line !== undefined && /^[1-9]\d{0,6}$/.test(line) ? Number(line) : null,
    durationMs: seconds > 0 && Number.isFinite(seconds) ? Math.round(seconds * 1000) : 0,
    status: 'passed',
    failures: [],
    attachments: [],
  };
}

function tidy({ message, detail }: { message: string; detail: string }, kind: string) {
  const said = detail.trim();
  return {
    message: message.trim() || said.split('\n', 1)[0] || `The report says ${kind}, and nothing more.`,
    detail: said,
  };
}
