import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createOpenRequests } from '../../server/http/open-requests.ts';

const response = () => new ServerResponse(new IncomingMessage(new Socket()));

test('a request that begins to wait while the server stops is told at once not to', () => {
  const open = createOpenRequests();
  expect(open.open('key', response()).aborted).toBe(false);
  open.stop();
  const signal = open.open('key', response());
  expect(signal.aborted).toBe(true);
  expect(signal.reason).toBe('stopping');
});

test('what waits is counted, by key, until its response is closed', () => {
  const open = createOpenRequests();
  const [first, second] = [response(), response()];
  open.open('one', first);
  open.open('one', second);
  open.open('two', response());
  expect({ count: open.count(), keys: open.keys() }).toEqual({ count: 3, keys: ['one', 'two'] });
  first.emit('close');
  second.emit('close');
  expect({ count: open.count(), keys: open.keys() }).toEqual({ count: 1, keys: ['two'] });
});

test('refusing a key ends what waits under it and nothing else', () => {
  const open = createOpenRequests();
  const [one, two] = [open.open('one', response()), open.open('two', response())];
  open.refuse('one');
  expect([one.reason, two.aborted]).toEqual(['key_refused', false]);
});
