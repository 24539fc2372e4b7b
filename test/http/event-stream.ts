/** One server-sent event as it came. */
export interface ReceivedEvent {
  id: string | undefined;
  event: string;
  data: Record<string, unknown>;
}

/** Reads server-sent events from a response, one by one. */
export async function* readEvents(response: Response): AsyncGenerator<ReceivedEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const received = parse(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (received) yield received;
    }
  }
}

/** Reads to the end of the stream. */
export async function readAll(events: AsyncGenerator<ReceivedEvent>): Promise<ReceivedEvent[]> {
  const read: ReceivedEvent[] = [];
  for await (const event of events) read.push(event);
  return read;
}

/** Reads until one is of this type, and gives all up to it. */
export async function readUntil(events: AsyncGenerator<ReceivedEvent>, type: string): Promise<ReceivedEvent[]> {
  const read: ReceivedEvent[] = [];
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`the stream ended without ${type}, after ${JSON.stringify(read)}`);
    read.push(value);
    if (value.event === type) return read;
  }
}

function parse(frame: string): ReceivedEvent | undefined {
  const fields = new Map(
    frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const event = fields.get('event');
  return event === undefined ? undefined : { id: fields.get('id'), event, data: JSON.parse(fields.get('data') ?? '') };
}
