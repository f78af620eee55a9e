import { beforeEach, describe, expect, it } from '@jest/globals';
import { FeedSocket, type FeedSocketOptions } from './feed-socket.ts';
import { watchRun, watchSession, type FeedGap, type Watch } from './watch.ts';

type Command = Record<string, unknown> & { action: string; subscription: string; run?: string; session?: string };

/** The gateway's end of a socket. What it does for real is shown in a browser, in tests/client. */
class ServedSocket extends EventTarget {
  static opened: ServedSocket[] = [];
  static answer: (command: Command, socket: ServedSocket) => void;
  readyState = 0;
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly commands: Command[] = [];

  readonly address: string;
  readonly protocols: string[];

  constructor(address: string, protocols: string[]) {
    super();
    this.address = address;
    this.protocols = protocols;
    ServedSocket.opened.push(this);
    setTimeout(() => {
      this.readyState = 1;
      this.onopen?.();
    });
  }

  send(text: string): void {
    // As browsers do.
    if (this.readyState !== 1) return;
    const command = JSON.parse(text) as Command;
    this.commands.push(command);
    setTimeout(() => ServedSocket.answer(command, this));
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  close(code = 1005, reason = ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason });
    this.dispatchEvent(new Event('close'));
  }
}

const event = (subscription: string, sequence: number) => ({
  subscription,
  position: `0.e.${sequence}`,
  event: { id: `e${sequence}`, type: 'own', run: 'r', data: {} },
});

/** Subscribes, and shows these events from the position on that was asked for; then the end, unless told otherwise. */
function serve(last: number, { ends = true } = {}): void {
  ServedSocket.answer = ({ action, subscription, after }, socket) => {
    if (action !== 'subscribe') return;
    socket.say({ subscription, control: 'subscribed' });
    const from = after === undefined ? 1 : Number((after as string).split('.').at(-1)) + 1;
    for (let sequence = from; sequence <= last; sequence += 1) socket.say(event(subscription, sequence));
    if (ends) socket.say({ subscription, control: 'end', position: `0.e.${last}` });
  };
}

const socketTo = (options: Partial<FeedSocketOptions> = {}) =>
  new FeedSocket({
    url: 'http://gateway/',
    WebSocket: ServedSocket as unknown as typeof WebSocket,
    ...options,
  });
const soon = { backoff: { firstMs: 1, maxMs: 2 } };
async function collect(watch: Watch): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of watch) ids.push(id);
  return ids;
}

beforeEach(() => {
  ServedSocket.opened = [];
});

describe('A shared socket', () => {
  it('carries many watches and is closed behind the last', async () => {
    serve(3);
    const feeds = socketTo({ apiKey: 'a key' });
    const runs = Array.from({ length: 20 }, (_, index) => collect(watchRun(feeds, `r${index}`, { types: ['own'] })));
    expect(await Promise.all([...runs, collect(watchSession(feeds, 's'))])).toEqual(Array(21).fill(['e1', 'e2', 'e3']));
    const [socket, ...others] = ServedSocket.opened;
    expect(others).toEqual([]);
    expect(socket!.address).toBe('ws://gateway/v1/stream?x-api-key=a%20key');
    expect(socket!.commands[0]).toEqual({ action: 'subscribe', subscription: '1', run: 'r0', types: ['own'] });
    expect(socket!.commands.find(({ session }) => session === 's')).toBeDefined();
    await expectClosed(socket!);
  });

  it('brings each watch back behind its own position when it breaks', async () => {
    serve(2, { ends: false });
    const feeds = socketTo();
    const watch = watchRun(feeds, 'r', soon);
    expect([(await watch.next()).value, (await watch.next()).value]).toMatchObject([{ id: 'e1' }, { id: 'e2' }]);
    serve(4);
    ServedSocket.opened[0]!.close(1006);
    expect(await collect(watch)).toEqual(['e3', 'e4']);
    expect(ServedSocket.opened[1]!.commands[0]).toMatchObject({ after: '0.e.2' });
  });

  it('ends a watch whose run is erased, and does not ask again', async () => {
    ServedSocket.answer = ({ action, subscription }, socket) => {
      if (action !== 'subscribe') return;
      socket.say({ subscription, control: 'subscribed' });
      socket.say(event(subscription, 1));
      socket.say({ subscription, control: 'erased' });
    };
    const watch = watchRun(socketTo(), 'r', soon);
    expect(await watch.next()).toMatchObject({ value: { id: 'e1' } });
    await expect(watch.next()).rejects.toMatchObject({ code: 'refused', status: 410 });
    expect(ServedSocket.opened[0]!.commands.filter(({ action }) => action === 'subscribe')).toHaveLength(1);
  });

  it('asks for one ticket for what is opened together, and for another when more is watched', async () => {
    serve(1, { ends: false });
    const asked: unknown[] = [];
    const ticket = (keys: readonly object[]) => Promise.resolve(`t${asked.push(keys)}`);
    const feeds = socketTo({ ticket });
    const watches = [watchRun(feeds, 'a', soon), watchRun(feeds, 'b', soon)];
    await Promise.all(watches.map((watch) => watch.next()));
    const third = watchSession(feeds, 's', soon);
    await third.next();
    expect(asked).toEqual([
      [{ run: 'a' }, { run: 'b' }],
      [{ run: 'a' }, { run: 'b' }, { session: 's' }],
    ]);
    expect(ServedSocket.opened.map(({ protocols }) => protocols)).toEqual([
      ['runcast', 'runcast.ticket.t1'],
      ['runcast', 'runcast.ticket.t2'],
    ]);
    serve(2);
    expect(await collect(watches[0]!)).toEqual(['e2']);
    await Promise.all([...watches, third].map((watch) => watch.return(undefined)));
  });

  it.each([
    [
      'a refused subscription',
      (socket: ServedSocket) => socket.say({ subscription: '1', control: 'refused', errors: [] }),
    ],
    ['a revoked key', (socket: ServedSocket) => socket.close(4500, 'the API key was revoked')],
  ])('ends the watch for good on %s', async (_what, refuse) => {
    ServedSocket.answer = (_command, socket) => refuse(socket);
    await expect(collect(watchRun(socketTo(), 'r', soon))).rejects.toMatchObject({
      name: 'WatchError',
      code: 'refused',
    });
  });

  it('leaves a feed that its reader cannot follow, and fetches the rest when it can', async () => {
    serve(25);
    const feeds = socketTo({ limits: { maxFrames: 10 } });
    expect(await collect(watchRun(feeds, 'r', soon))).toEqual(
      Array.from({ length: 25 }, (_, index) => `e${index + 1}`),
    );
  });

  it('tells of what may be missing when the log was replaced', async () => {
    const gaps: FeedGap[] = [];
    ServedSocket.answer = ({ action, subscription }, socket) => {
      if (action !== 'subscribe') return;
      socket.say({ subscription, control: 'subscribed' });
      socket.say({ subscription, control: 'reset', reason: 'other-epoch' });
      socket.say(event(subscription, 1));
      socket.say({ subscription, control: 'end' });
    };
    const onGap = (gap: FeedGap) => gaps.push(gap);
    expect(await collect(watchRun(socketTo(), 'r', { after: '0.old.9', onGap }))).toEqual(['e1']);
    expect(gaps).toEqual([{ after: '0.old.9', reason: 'other-epoch' }]);
  });

  it('takes a socket without answers to its pings for dead', async () => {
    serve(1, { ends: false });
    const watch = watchRun(socketTo({ silenceMs: 30 }), 'r', soon);
    await watch.next();
    serve(2);
    expect(await collect(watch)).toEqual(['e2']);
    expect(ServedSocket.opened.length).toBeGreaterThan(1);
  });
});

async function expectClosed(socket: ServedSocket): Promise<void> {
  if (socket.readyState !== 3)
    await new Promise((resolve) => socket.addEventListener('close', resolve, { once: true }));
  expect(socket.readyState).toBe(3);
}
