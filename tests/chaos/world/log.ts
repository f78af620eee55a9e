import { EventLog } from '@runcast/event-log';

const LOG_BYTES = 2 * 1024 ** 3;

/** Three copies of the log. The services take the stream as they find it. */
export async function createLog(servers: string, shards = 1): Promise<void> {
  const options = { servers, clientName: 'chaos', shards, replicas: 3, maxBytes: LOG_BYTES };
  await (await EventLog.connect(options)).close();
}

/** The newest sequence of each shard. */
export async function logEnds(servers: string, shards: number): Promise<readonly number[]> {
  const log = await EventLog.connect({ servers, clientName: 'chaos', shards });
  try {
    const identities = await Promise.all(Array.from({ length: shards }, (_, shard) => log.identity(shard)));
    return identities.map(({ lastSequence }) => lastSequence);
  } finally {
    await log.close();
  }
}
