import { EventLog } from '@runcast/event-log';
import { formatPosition } from '@runcast/run-events';
import { markOf, type Entry } from '../check/entry.ts';

export interface LogContents {
  readonly runs: Map<string, Entry[]>;
  /** The runs' events by session: from the link of the run on, in log order. */
  readonly sessions: Map<string, Entry[]>;
  readonly unreadable: number;
}

const SHARD = 0;
const BATCH = 1_000;

/** Everything the log holds, read from its first record to the one that is the newest now. */
export async function readLog(servers: string): Promise<LogContents> {
  const log = await EventLog.connect({ servers, clientName: 'chaos', shards: 1 });
  try {
    return await readAll(log);
  } finally {
    await log.close();
  }
}

async function readAll(log: EventLog): Promise<LogContents> {
  const { lastSequence } = await log.identity(SHARD);
  const stop = new AbortController();
  const joined = new Map<string, string[]>();
  const contents = { runs: new Map<string, Entry[]>(), sessions: new Map<string, Entry[]>(), unreadable: 0 };
  for await (const batch of log.tail(SHARD, { after: 0, maxEntries: BATCH, signal: stop.signal })) {
    let sequence = 0;
    for (const entry of batch) {
      if (entry.kind === 'unreadable') {
        contents.unreadable += 1;
        sequence = entry.position.sequence;
      } else if (entry.kind === 'link') {
        const sessions = joined.get(entry.link.run) ?? [];
        if (!sessions.includes(entry.link.session)) joined.set(entry.link.run, [...sessions, entry.link.session]);
        sequence = entry.link.position.sequence;
      } else {
        const { run, id, position, data } = entry.event;
        const shown = { id, position: formatPosition(position), mark: markOf(data) };
        add(contents.runs, run, shown);
        for (const session of joined.get(run) ?? []) add(contents.sessions, session, { ...shown, id: `${run} ${id}` });
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
