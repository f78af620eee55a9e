import { waitFor } from '@runcast/test-harness';

/** One SSE event as it stood on the wire. */
export interface ReadEvent {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly text: string;
  readonly data: Record<string, unknown>;
}

export interface SseReader {
  readonly all: readonly ReadEvent[];
  /** Those without an event name: what a feed of our own dialect consists of. */
  readonly events: ReadEvent[];
  readonly controls: { event: string | undefined; id: string | undefined; data: Record<string, unknown> }[];
  readonly comments: number;
  readonly retries: readonly string[];
  /** Resolves when the server ends the response. */
  readonly ended: Promise<void>;
  /** The ids inside the events. */
  ids(): unknown[];
  /** What a browser would send when it reconnects: the newest `id:` line of all, with or without data. */
  lastEventId(): string | undefined;
  until(count: number): Promise<void>;
  close(): void;
}

/** Reads a stream line by line and hides nothing, unlike an EventSource. */
export async function openSse(url: string, headers: Record<string, string>): Promise<SseReader> {
  const stop = new AbortController();
  const response = await fetch(url, { headers, signal: stop.signal });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const all: ReadEvent[] = [];
  const retries: string[] = [];
  let comments = 0;
  let lastEventId: string | undefined;
  const readBlock = (block: string): void => {
    const fields = block
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const);
    const value = (name: string): string | undefined => fields.find(([field]) => field === name)?.[1];
    if (fields.some(([field]) => field === '')) comments += 1;
    if (value('retry') !== undefined) retries.push(value('retry')!);
    lastEventId = value('id') ?? lastEventId;
    const text = value('data');
    if (text !== undefined)
      all.push({ event: value('event'), id: value('id'), text, data: JSON.parse(text) as Record<string, unknown> });
  };
  const ended = readBlocks(response, readBlock).catch(() => undefined);
  const events = (): ReadEvent[] => all.filter(({ event }) => event === undefined);
  return {
    all,
    retries,
    ended,
    get events() {
      return events();
    },
    get controls() {
      return all.filter(({ event }) => event !== undefined).map(({ event, id, data }) => ({ event, id, data }));
    },
    get comments() {
      return comments;
    },
    ids: () => events().map(({ data }) => data['id']),
    lastEventId: () => lastEventId,
    until: async (count) => {
      await waitFor(() => events().length >= count, {
        describe: () => `${count} events, there are ${events().length}`,
      });
    },
    close: () => stop.abort(),
  };
}

async function readBlocks(response: Response, onBlock: (block: string) => void): Promise<void> {
  let buffered = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    buffered += chunk;
    for (let end = buffered.indexOf('\n\n'); end !== -1; end = buffered.indexOf('\n\n')) {
      onBlock(buffered.slice(0, end));
      buffered = buffered.slice(end + 2);
    }
  }
}
