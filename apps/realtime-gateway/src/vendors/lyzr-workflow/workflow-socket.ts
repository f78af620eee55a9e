import { NO_FLOW, workflowRunId } from '@runcast/dialects';
import type { ReplayMarks } from '@runcast/agent-commands';
import { getRun, listRunEvents, type Database } from '@runcast/read-models';
import { Problem } from '@runcast/service-host';
import { answerPings } from '../../stream/answer-pings.ts';
import { readFeedRequest, requireId } from '../../stream/feed-request.ts';
import type { Feeds } from '../../stream/feeds.ts';
import type { FeedRequest, OpenFeed } from '../../stream/serve-feed.ts';
import type { SocketRoute, UpgradeRequest } from '../../stream/upgrade-router.ts';

export interface WorkflowSocketParts {
  readonly feeds: Feeds;
  readonly marks: ReplayMarks;
  readonly database: Database;
}

/** 1006 is no close frame but its absence: the connection was lost, and nobody knows what has arrived. */
const LOST = 1006;
const MAX_ATTEMPTS = 1_000;

/**
 * Lyzr workflow events. Their sample closes when the flow has ended, and connects again when it is closed: served the same
 * replay again it would go round for ever. So whoever has hung up after the end is refused for a while; see
 * docs/decisions/0005-running-agents.md.
 */
export function workflowSocket({ feeds, marks, database }: WorkflowSocketParts): SocketRoute {
  return {
    pattern: '/ws/:flow/:run',
    accept: async (upgrade) => {
      const { tenant } = upgrade.principal;
      const run = runOf(upgrade);
      const who = whoIs(upgrade, run);
      let overAt: number | undefined;
      const request: FeedRequest = {
        ...readFeedRequest(upgrade.principal, { kind: 'run', tenant, run }, upgrade.query, lastEventId(upgrade)),
        dialect: 'lyzr-workflow',
        // The client is who closes: told by us that it is over, it would come back.
        follow: true,
        onOver: (sequence) => (overAt = sequence),
      };
      const opened = await feeds.open(request);
      const feed = await withReplay(opened, request, { who, marks, database });
      return {
        onSocket: (socket, connection) => {
          answerPings(socket);
          socket.on('close', (code) => {
            if (overAt !== undefined && hungUp(code)) void marks.set(who, overAt);
          });
          void feeds.serveSocket(feed, request, socket, connection);
        },
        release: () => feed.lease.release(),
      };
    },
  };
}

/** The feed from where this client should be shown the run. @throws {Problem} `gone` when it has seen all of it lately */
async function withReplay(
  opened: OpenFeed,
  request: FeedRequest,
  { who, marks, database }: Omit<WorkflowSocketParts, 'feeds'> & { who: readonly string[] },
): Promise<OpenFeed> {
  // A client that says where it stands cannot go round.
  if (request.token !== undefined) return opened;
  const seenUpTo = await marks.get(who);
  if (seenUpTo !== undefined && opened.lease.topic.tail <= seenUpTo) {
    opened.lease.release();
    throw new Problem('gone', { detail: 'This run is over, and you have been sent all of it.' });
  }
  return { ...opened, start: { after: seenUpTo ?? (await newestAttempt(request, database)) } };
}

/** Where the newest attempt begins. Shown an older one first, their sample would close at its end. */
async function newestAttempt({ key }: FeedRequest, database: Database): Promise<number> {
  if (key.kind !== 'run') return 0;
  const { tenant, run } = key;
  const state = await getRun(database, { tenant, run }).catch(() => undefined);
  if (state === undefined || state.attempt === 1) return 0;
  const starts = { tenant, run, types: ['run.started'], limit: MAX_ATTEMPTS };
  const { items } = await listRunEvents(database, starts).catch(() => ({ items: [] }));
  return (items.at(-1)?.position.sequence ?? 1) - 1;
}

function runOf({ path }: UpgradeRequest): string {
  const { flow, run: runName } = path as { flow: string; run: string };
  return requireId('run', flow === NO_FLOW ? runName : workflowRunId({ flow, runName }));
}

/** One key is often many browsers: told apart as well as can be, so that one's end is not another's. */
function whoIs({ principal, address, headers }: UpgradeRequest, run: string): string[] {
  const forwarded = headers['x-forwarded-for'];
  const from = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',')[0]?.trim() ?? address;
  return [principal.tenant, principal.keyId, from, headers['user-agent'] ?? '', run];
}

function hungUp(code: number): boolean {
  return code !== LOST && code !== RESTART;
}

/** Our own close at shutdown, which sends the client to another gateway. */
const RESTART = 1012;

function lastEventId({ headers }: UpgradeRequest): string | undefined {
  const header = headers['last-event-id'];
  return typeof header === 'string' ? header : undefined;
}
