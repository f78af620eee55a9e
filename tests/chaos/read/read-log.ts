import { EventLog } from '@runcast/event-log';
import { formatPosition } from '@runcast/run-events';
import { markOf, type Entry } from '../check/entry.ts';

export interface LogContents {
  readonly runs: Map<string, Entry[]>;
  /** The runs' events by session: from the link of the run on, in log order. */
  readonly sessions: Map<string, Entry[]>;
  readonly unreadable: number;
}

const BATCH = 1_000;

/** Everything the log holds, each shard read from its first record to the one that is the newest now. */
export async function readLog(servers: string, shards = 1): Promise<LogContents> {
  const log = await EventLog.connect({ servers, clientName: 'chaos', shards });
  try {
    const contents = await Promise.all(Array.from({ length: shards }, (_, shard) => readShard(log, shard)));
    return {
      runs: joined(contents.map(({ runs }) => runs)),
      sessions: joined(contents.map(({ sessions }) => sessions)),
      unreadable: contents.reduce((sum, { unreadable }) => sum + unreadable, 0),
    };
  } finally {
    await log.close();
  }
}

async function readShard(log: EventLog, shard: number): Promise<LogContents> {
  const { lastSequence } = await log.identity(shard);
  const stop = new AbortController();
  const sessionsOf = new Map<string, string[]>();
  const contents = { runs: new Map<string, Entry[]>(), sessions: new Map<string, Entry[]>(), unreadable: 0 };
  for await (const batch of log.tail(shard, { after: 0, maxEntries: BATCH, signal: stop.signal })) {
    let sequence = 0;
    for (const entry of batch) {
      if (entry.kind === 'unreadable') {
        contents.unreadable += 1;
        sequence = entry.position.sequence;
      } else if (entry.kind === 'link') {
        const sessions = sessionsOf.get(entry.link.run) ?? [];
        if (!sessions.includes(entry.link.session)) sessionsOf.set(entry.link.run, [...sessions, entry.link.session]);
        sequence = entry.link.position.sequence;
      } else {
        const { run, id, position, data } = entry.event;
        const shown = { id, position: formatPosition(position), mark: markOf(data) };
        add(contents.runs, run, shown);
        for (const session of sessionsOf.get(run) ?? [])
          add(contents.sessions, session, { ...shown, id: `${run} ${id}` });
        sequence = position.sequence;
      }
    }
    if (sequence >= lastSequence) stop.abort();
  }
  return contents;
}

function add(lists: Map<string, Entry[]>, name: string, entry: Entry): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [entry]);
  else list.push(entry);
}

/** A run that two shards hold is shown with all its events: the judge is to see it. */
function joined(parts: readonly Map<string, Entry[]>[]): Map<string, Entry[]> {
  const all = new Map<string, Entry[]>();
  for (const part of parts) for (const [name, entries] of part) all.set(name, [...(all.get(name) ?? []), ...entries]);
  return all;
}
