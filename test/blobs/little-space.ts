import { openFolder } from '../../server/blobs/folder.ts';

// Run with a limit on the size of files: puts a blob and a log that do not fit and prints what came of it.

const { blobs, logs } = await openFolder(process.argv[2] ?? '');

async function* tooMuch() {
  for (let i = 0; i < 20; i++) yield new Uint8Array(16_384);
}

const codeOf = (work: Promise<unknown>) => work.then(String, (error) => error.code ?? String(error));
const blob = await codeOf(blobs.put('0'.repeat(64), tooMuch(), 1024 ** 2));
await logs.append('job_a', 1, 0, new Uint8Array(10));
const log = await codeOf(logs.append('job_a', 1, 10, new Uint8Array(200_000)));
console.log(JSON.stringify({ blob, log, logSize: await logs.size('job_a', 1) }));
