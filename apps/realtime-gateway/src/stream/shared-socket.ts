import type { FieldProblem } from '@runcast/run-events';
import { Problem, type Principal } from '@runcast/service-host';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { readRefresh } from '../access/refresh.ts';
import { Stop } from '../feeds/stop.ts';
import type { EncodedBurst } from './encoded-burst.ts';
import type { Feeds } from './feeds.ts';
import type { Control, FeedClient, FeedRequest } from './serve-feed.ts';
import { SocketClient } from './socket-client.ts';
import { readCommand, type Command } from './subscription-commands.ts';
import { textFrames } from './text-frame.ts';

/** How many feeds one socket may carry; beyond, a subscribe is refused. */
export const MAX_SUBSCRIPTIONS = 200;

/**
 * Many feeds over one WebSocket. A browser allows six connections per host: a dashboard of twenty runs cannot have one
 * each. Every frame names its subscription; each feed keeps its own place, and all of them share the socket's pace.
 */
export class SharedSocket {
  private readonly subscriptions = new Map<string, Stop>();

  constructor(
    private readonly feeds: Feeds,
    private readonly client: SocketClient,
    private readonly viewer: Principal,
  ) {}

  onMessage(data: RawData, isBinary: boolean): void {
    const read = readCommand(isBinary ? '' : (data as Buffer).toString('utf8'), this.viewer);
    if (read.ok) this.obey(read.command);
    else this.say(read.subscription, { control: 'refused', errors: read.errors });
  }

  /** Ends every feed; the socket is gone or going. */
  stop(): void {
    for (const subscription of this.subscriptions.values()) subscription.abort();
  }

  private obey(command: Command): void {
    switch (command.action) {
      case 'ping':
        return void this.client.write(JSON.stringify({ type: 'pong' })).catch(ignore);
      case 'unsubscribe':
        return this.unsubscribe(command.subscription);
      case 'subscribe':
        return void this.subscribe(command.subscription, command.request);
    }
  }

  private unsubscribe(name: string): void {
    const subscription = this.subscriptions.get(name);
    if (subscription === undefined)
      return this.refuse(name, 'subscription', 'the name of a subscription of this socket');
    subscription.abort();
  }

  private async subscribe(name: string, request: FeedRequest): Promise<void> {
    if (this.subscriptions.has(name))
      return this.refuse(name, 'subscription', 'a name that is not in use on this socket');
    if (this.subscriptions.size >= MAX_SUBSCRIPTIONS) {
      return this.refuse(name, 'subscription', `at most ${MAX_SUBSCRIPTIONS} subscriptions on one socket`);
    }
    const stop = new Stop();
    this.subscriptions.set(name, stop);
    this.say(name, { control: 'subscribed' });
    const outcome = await this.serve(name, request, stop);
    this.subscriptions.delete(name);
    if (outcome === 'stalled') this.client.close('slow-reader');
    else if (outcome === 'forbidden')
      this.refuse(name, request.key.kind, `a ${request.key.kind} that the credential allows`);
    else if (outcome === 'fault') this.say(name, { control: 'failed' });
    else if (outcome === 'stopped') this.say(name, { control: 'unsubscribed' });
  }

  private async serve(name: string, request: FeedRequest, signal: Stop) {
    try {
      const feed = await this.feeds.open(request);
      return await this.feeds.serve(feed, request, new NamedFeed(this.client, name), 'websocket', signal);
    } catch (error) {
      if (error instanceof Problem && error.code === 'forbidden') return 'forbidden';
      if (error instanceof Problem && error.code === 'erased') {
        // Told that it failed, a client would come back for ever for what never comes back.
        this.say(name, { control: 'erased' });
        return 'erased';
      }
      // The log cannot be reached now. The client subscribes again, from its last position.
      return 'fault';
    }
  }

  private refuse(name: string, field: string, expected: string): void {
    this.say(name, { control: 'refused', errors: [{ field, expected }] });
  }

  private say(subscription: string | undefined, frame: { control: string; errors?: readonly FieldProblem[] }): void {
    // Whoever floods commands and does not read is closed by its feeds' stall limit or by the pings, not buffered.
    this.client.write(JSON.stringify({ subscription, ...frame })).catch(ignore);
  }
}

/** Takes a WebSocket on which the client says what it wants to watch. */
export function shareSocket(feeds: Feeds, viewer: Principal, socket: WebSocket, connection: Duplex): void {
  const client = new SocketClient(socket, connection, feeds.times);
  const shared = new SharedSocket(feeds, client, viewer);
  const remove = feeds.streams.add('websocket', () => client.close('restart'));
  const credential = feeds.credentials.watch(viewer, (why) => client.close(why));
  const refreshing = feeds.refreshing(viewer, credential);
  socket.on('message', (data: Buffer, isBinary) => {
    const token = isBinary ? undefined : readRefresh(data.toString('utf8'));
    if (token === undefined) return shared.onMessage(data, isBinary);
    void refreshing.take(token).then((answer) => client.say(answer));
  });
  socket.on('close', () => {
    remove();
    credential.stop();
    feeds.metrics.closed('websocket', client.closedAs);
    shared.stop();
  });
}

/** One subscription's frames on the shared socket. */
class NamedFeed implements FeedClient {
  private readonly prefix: string;

  constructor(
    private readonly client: SocketClient,
    private readonly name: string,
  ) {
    this.prefix = `{"subscription":${JSON.stringify(name)},"position":`;
  }

  send({ events }: EncodedBurst): Promise<void> | undefined {
    const frames = events.flatMap((event) => {
      const position = JSON.stringify(event.position);
      return event.frames.map((frame) => `${this.prefix}${position},"event":${frame.data}}`);
    });
    return this.client.writeBytes(textFrames(frames));
  }

  control(control: Control): Promise<void> {
    return this.client.write(JSON.stringify({ subscription: this.name, ...control }));
  }
}

function ignore(): void {
  // The client is gone: its feeds notice by themselves.
}
