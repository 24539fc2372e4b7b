import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestOrg, type TestServer } from '../support/server.ts';
import { startAgent, submission } from './work.ts';

let server: TestServer;
let org: TestOrg;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function startJob() {
  org = await server.org();
  await org.submit.submitRun({ body: submission(org.id) });
  const lease = await (await startAgent(org.agent)).claim();
  const jobId = lease.jobIds[0] ?? '';
  await lease.start(jobId);
  const read = async (range?: string) => (await org.read.jobLog({ params: { id: jobId }, headers: { range } })).body;
  return { lease, jobId, read };
}

describe('the log of a job', () => {
  test('grows as its agent appends, and is read as text that no browser runs', async () => {
    const { lease, jobId, read } = await startJob();
    expect((await lease.log(jobId, 0, '<script>one</script>\n')).status).toBe(202);
    await lease.log(jobId, 21, 'zwei ✓\n');
    const response = await read();
    expect(await response.text()).toBe('<script>one</script>\nzwei ✓\n');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('is empty before anything was appended', async () => {
    const { read } = await startJob();
    expect(await (await read()).text()).toBe('');
  });

  test('may be read from where one left off', async () => {
    const { lease, jobId, read } = await startJob();
    await lease.log(jobId, 0, '0123456789');
    expect(await (await read('bytes=6-')).text()).toBe('6789');
    await expect(read('bytes=10-')).rejects.toMatchObject({ code: 'range_not_satisfiable' });
  });

  test('takes an append sent twice once', async () => {
    const { lease, jobId, read } = await startJob();
    await lease.log(jobId, 0, 'one ');
    await lease.log(jobId, 0, 'one ');
    await lease.log(jobId, 2, 'e two');
    expect(await (await read()).text()).toBe('one two');
  });

  test('refuses a gap with the offset to go on from', async () => {
    const { lease, jobId } = await startJob();
    await lease.log(jobId, 0, 'one');
    await expect(lease.log(jobId, 9, 'x')).rejects.toMatchObject({ status: 416, problem: { offset: 3 } });
  });

  test('refuses a range that names another number of bytes than came', async () => {
    const { lease, jobId } = await startJob();
    const append = org.agent.appendLog({
      params: { id: lease.leaseId, job_id: jobId },
      headers: { ...lease.headers, 'content-range': 'bytes 0-9/*' },
      body: 'four',
    });
    await expect(append).rejects.toMatchObject({ code: 'validation_failed' });
  });

  test('refuses more than 4 MiB at once, also when the size is not told', async () => {
    const { lease, jobId } = await startJob();
    const tooMuch = 'x'.repeat(4 * 1024 ** 2 + 1);
    await expect(lease.log(jobId, 0, tooMuch)).rejects.toMatchObject({ code: 'payload_too_large' });
    const streamed = org.agent.appendLog({
      params: { id: lease.leaseId, job_id: jobId },
      headers: { ...lease.headers, 'content-range': `bytes 0-${tooMuch.length - 1}/*` },
      // much of it is still to come when it is refused: the answer must get through all the same
      body: new Blob(Array(8).fill(tooMuch)).stream(),
    });
    await expect(streamed).rejects.toMatchObject({ code: 'payload_too_large' });
  });

  test('is closed to whoever does not hold the lease', async () => {
    const { lease, jobId } = await startJob();
    const append = org.agent.appendLog({
      params: { id: lease.leaseId, job_id: jobId },
      headers: { 'qgjob-lease-token': 'guessed', 'content-range': 'bytes 0-0/*' },
      body: 'x',
    });
    await expect(append).rejects.toMatchObject({ code: 'lease_lost' });
  });
});
