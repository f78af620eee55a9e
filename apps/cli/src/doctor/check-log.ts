import { LogBackup, type EventLogOptions, type LogIdentity } from '@runcast/event-log';
import { ill, well, type Finding } from './finding.ts';

const ABOUT = 'NATS';
const STREAMS = 'log';

/** What the log is found to be: nothing is created by looking. */
export interface LogCheck {
  readonly findings: readonly Finding[];
  /** By shard, those that are there. */
  readonly identities: ReadonlyMap<number, LogIdentity>;
}

export async function checkLog(options: EventLogOptions): Promise<LogCheck> {
  const identities = new Map<number, LogIdentity>();
  let log: LogBackup;
  try {
    log = await LogBackup.connect(options);
  } catch (error) {
    return { findings: [unreachable(options.servers, error)], identities };
  }
  try {
    for (let shard = 0; shard < options.shards; shard += 1) {
      const identity = await log.find(shard);
      if (identity) identities.set(shard, identity);
    }
    return {
      findings: [well(ABOUT, `${options.servers} answers, with JetStream`), streams(options, identities)],
      identities,
    };
  } catch (error) {
    return { findings: [unreachable(options.servers, error)], identities };
  } finally {
    await log.close();
  }
}

function unreachable(servers: string, error: unknown): Finding {
  const { name, message } = error as Error;
  const found = `${servers}: ${message}`;
  if (/authorization|authentication/i.test(`${name} ${message}`)) {
    return ill(ABOUT, found, 'set NATS_USER and NATS_PASSWORD, or NATS_CREDENTIALS, to a login that NATS knows');
  }
  if (/jetstream/i.test(`${name} ${message}`)) {
    return ill(ABOUT, found, 'start nats-server with JetStream (-js), or give the account of this login JetStream');
  }
  if (/permission/i.test(`${name} ${message}`)) {
    return ill(ABOUT, found, 'allow this login the subjects $JS.API.> and _INBOX.>');
  }
  return ill(ABOUT, found, 'start nats-server, or point NATS_URL at the one that runs');
}

function streams({ shards, namespace = '' }: EventLogOptions, found: ReadonlyMap<number, LogIdentity>): Finding {
  const missing = Array.from({ length: shards }, (_, shard) => shard).filter((shard) => !found.has(shard));
  const where = namespace === '' ? '' : ` in the namespace ${namespace}`;
  if (missing.length === 0) return well(STREAMS, `${shards} of ${shards} shards are there${where}`);
  const text = `shards ${missing.join(', ')} of ${shards} have no stream${where}`;
  return found.size === 0
    ? ill(
        STREAMS,
        text,
        'start a gateway once: it creates them. If there was a log, NATS_URL or RUNCAST_NAMESPACE is another one',
      )
    : ill(
        STREAMS,
        text,
        `set RUNCAST_SHARDS to ${found.size}, as all services must have it: it cannot be changed later`,
      );
}
