// Runs inside the test runner: one JSON line per event, written synchronously, so that a SIGKILL loses nothing that ended.
// CommonJS and plain JavaScript because every Playwright loads that, whatever the project's own module system.
// No `version() { return 'v2' }`: Playwright 1.47 calls every method of such a reporter, defined or not.
const fs = require('node:fs');
const path = require('node:path');
const { stripVTControlCharacters } = require('node:util');

const maxText = 65_536;
const maxBody = 8 * 1024 * 1024;

class QgjobReporter {
  constructor({ events, bodies, root }) {
    this.fd = fs.openSync(events, 'a');
    this.bodies = bodies;
    this.root = root;
    this.seq = 0;
    this.bodyCount = 0;
  }
  printsToStdio() {
    return false;
  }
  onBegin(config, suite) {
    const tests = suite.allTests().map((test) => this.test(test));
    this.send('begin', { playwright: config.version, total: tests.length, tests });
  }
  onTestBegin(test, result) {
    this.send('testBegin', { id: test.id, retry: result.retry });
  }
  onTestEnd(test, result) {
    this.send('testEnd', {
      test: this.test(test),
      status: result.status,
      retry: result.retry,
      duration: result.duration,
      workerIndex: result.workerIndex,
      errors: result.errors.map((error) => this.error(error)),
      session: test.annotations.find(({ type }) => type === 'sessionId')?.description?.slice(0, 128),
      attachments: result.attachments.map((attachment) => this.attachment(attachment)).filter(Boolean),
    });
  }
  onError(error) {
    this.send('error', { error: this.error(error) });
  }
  onEnd(result) {
    this.send('end', { status: result.status, duration: result.duration });
  }
  send(type, fields) {
    fs.writeSync(this.fd, `${JSON.stringify({ v: 1, seq: ++this.seq, at: Date.now(), type, ...fields })}\n`);
  }
  test(test) {
    return {
      id: test.id,
      title: test.title,
      titlePath: test.titlePath().slice(1),
      location: this.location(test.location),
      expectedStatus: test.expectedStatus,
    };
  }
  error(error) {
    return {
      message: text(error.message ?? error.value ?? ''),
      stack: text(error.stack),
      snippet: text(error.snippet),
      location: this.location(error.location),
    };
  }
  location(location) {
    if (!location) return undefined;
    const relative = path.relative(this.root, location.file);
    const file = relative.startsWith('..') ? location.file : relative.split(path.sep).join('/');
    return { file, line: location.line };
  }
  /** What was attached as bytes goes to a file, so that events stay small. */
  attachment({ name, contentType, path: file, body }) {
    if (file) return { name, contentType, path: file };
    if (!body || body.length > maxBody) return undefined;
    const written = path.join(this.bodies, String(++this.bodyCount));
    fs.writeFileSync(written, body);
    return { name, contentType, path: written };
  }
}

/** Colours stay in Playwright's texts even under NO_COLOR. */
function text(value) {
  return typeof value === 'string' ? stripVTControlCharacters(value).slice(0, maxText) : undefined;
}

module.exports = QgjobReporter;
