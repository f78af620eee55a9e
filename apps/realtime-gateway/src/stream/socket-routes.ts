import type { DialectName } from '@runcast/run-events';
import type { FeedKey } from '../feeds/topic-hub.ts';
import { readFeedRequest, requireId } from './feed-request.ts';
import type { Feeds } from './feeds.ts';
import type { FeedRequest } from './serve-feed.ts';
import { shareSocket } from './shared-socket.ts';
import { answerPings } from './answer-pings.ts';
import type { SocketRoute, UpgradeRequest } from './upgrade-router.ts';

/** Every address that takes a WebSocket, in the order in which they are tried; `workflow` is Lyzr's, which has rules of its own. */
export function socketRoutes(feeds: Feeds, workflow: SocketRoute): SocketRoute[] {
  return [
    {
      pattern: '/v1/stream',
      accept: ({ principal }) =>
        Promise.resolve({
          onSocket: (socket, connection) => shareSocket(feeds, principal, socket, connection),
          release: () => undefined,
        }),
    },
    route('/v1/runs/:run/stream', feeds, (upgrade) => ownRequest(upgrade, runKey(upgrade, upgrade.path['run']))),
    route('/v1/sessions/:session/stream', feeds, (upgrade) => ownRequest(upgrade, sessionKey(upgrade))),
    route('/session/:session', feeds, (upgrade) => vendorRequest(upgrade, sessionKey(upgrade), 'lyzr-agent')),
    route('/ws/:session', feeds, (upgrade) => vendorRequest(upgrade, sessionKey(upgrade), 'lyzr-agent')),
    workflow,
  ];
}

function route(pattern: string, feeds: Feeds, read: (upgrade: UpgradeRequest) => FeedRequest): SocketRoute {
  return {
    pattern,
    accept: async (upgrade) => {
      const request = read(upgrade);
      const feed = await feeds.open(request);
      return {
        onSocket: (socket, connection) => {
          answerPings(socket);
          void feeds.serveSocket(feed, request, socket, connection);
        },
        release: () => feed.lease.release(),
      };
    },
  };
}

function ownRequest(upgrade: UpgradeRequest, key: FeedKey): FeedRequest {
  const lastEventId = upgrade.headers['last-event-id'];
  return readFeedRequest(
    upgrade.principal,
    key,
    upgrade.query,
    typeof lastEventId === 'string' ? lastEventId : undefined,
  );
}

/** A vendor's clients know nothing of ends and controls: the socket stays open over all runs of the session. */
function vendorRequest(upgrade: UpgradeRequest, key: FeedKey, dialect: DialectName): FeedRequest {
  return { ...ownRequest(upgrade, key), dialect, follow: true };
}

function runKey({ principal }: UpgradeRequest, run: string | undefined): FeedKey {
  return { kind: 'run', tenant: principal.tenant, run: requireId('run id', run) };
}

function sessionKey({ principal, path }: UpgradeRequest): FeedKey {
  return { kind: 'session', tenant: principal.tenant, session: requireId('session id', path['session']) };
}
