import { LogUnavailableError } from '@runcast/event-log';
import {
  listJoinedRuns,
  listRunEvents,
  listSessionEvents,
  projectedPosition,
  type Database,
} from '@runcast/read-models';
import type { FeedKey } from './topic-hub.ts';
import type { FeedPage } from './topic.ts';

export interface LinkedRun {
  readonly run: string;
  readonly linkedAt: number;
}

/** The part of one feed that the log has dropped for its age. */
export interface History {
  /** The feed between two sequences, the first page of it. */
  read(after: number, upTo: number, limit: number): Promise<FeedPage>;
  /** Of a session: the runs that have joined it, all of those that joined up to `upTo` among them. */
  links(upTo: number): Promise<readonly LinkedRun[]>;
}

export type HistoryOf = (key: FeedKey) => History;

/** History from the tables. Refuses to answer while they have not come as far as they are asked for. */
export function historyInTables(database: Database, shard: number): HistoryOf {
  return (key) => ({
    async read(after, upTo, limit) {
      await requireProjected(database, shard, upTo);
      const filter = { ...key, after, upTo, limit };
      const page = await (filter.kind === 'run'
        ? listRunEvents(database, filter)
        : listSessionEvents(database, filter));
      return { events: page.items, upTo: page.next ?? upTo };
    },
    async links(upTo) {
      await requireProjected(database, shard, upTo);
      if (key.kind === 'run') return [];
      const joined = await listJoinedRuns(database, key);
      return joined.map(({ run, linkedSequence }) => ({ run, linkedAt: linkedSequence }));
    },
  });
}

async function requireProjected(database: Database, shard: number, upTo: number): Promise<void> {
  const projected = await projectedPosition(database, shard);
  if (projected === undefined || projected.sequence < upTo)
    throw new LogUnavailableError('timeout', 'the tables have not come to what the log has dropped');
}
