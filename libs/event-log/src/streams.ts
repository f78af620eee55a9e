import {
  type JetStreamManager,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  DiscardPolicy,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { LogSetupError } from './errors.ts';
import type { SubjectSpace } from './subjects.ts';

/** How the streams of the log are laid out; the same in every process of an installation. */
export interface StreamSettings {
  readonly shards: number;
  readonly namespace: string;
  /** Copies in the NATS cluster: 1 or, in production, 3. Used when a stream is created. */
  readonly replicas: number;
  /** Size at which the log refuses new events (`discard: new`) instead of dropping old ones, in bytes per shard. */
  readonly maxBytes: number;
  /** For how long the log keeps an event, in milliseconds; 0 for ever. What is older is read from the tables. */
  readonly maxAgeMs: number;
}

/** What tells one stream from another of the same name, and how far it reaches. */
export interface LogIdentity {
  readonly epoch: string;
  /** The oldest sequence still stored; last + 1 when the stream is empty. */
  readonly firstSequence: number;
  readonly lastSequence: number;
}

type NewStream = Partial<StreamConfig> & { name: string };

const EPOCH = 'runcast_epoch';
const SHARDS = 'runcast_shards';
const STREAM_NOT_FOUND = 10059;
const NAME_IN_USE = 10058;
/** How long the server recognises a repeated message id. Beyond it the projector's unique key does. */
export const DUPLICATE_WINDOW_MS = 120_000;

export function streamName(shard: number, namespace = ''): string {
  return namespace === '' ? `EVENTS-${shard}` : `EVENTS-${namespace}-${shard}`;
}

/** Creates the stream when it does not exist; refuses one that could not keep the log's promises. */
export async function ensureStream(
  manager: JetStreamManager,
  shard: number,
  space: SubjectSpace,
  settings: StreamSettings,
  newEpoch: () => string,
): Promise<StreamInfo> {
  const name = streamName(shard, settings.namespace);
  const found = await streamInfo(manager, name);
  const info = found ?? (await createStream(manager, streamConfig(name, space, settings, newEpoch()), name));
  const fault = streamFault(info.config, space, settings.shards);
  if (fault !== undefined) throw new LogSetupError(name, fault);
  return info;
}

export async function streamInfo(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}

export function identityOf(info: StreamInfo): LogIdentity {
  return {
    epoch: info.config.metadata?.[EPOCH] ?? '',
    firstSequence: info.state.first_seq,
    lastSequence: info.state.last_seq,
  };
}

async function createStream(manager: JetStreamManager, config: NewStream, name: string): Promise<StreamInfo> {
  try {
    return await manager.streams.add(config);
  } catch (error) {
    // Another process created it in the same moment, with an epoch of its own.
    const winner =
      error instanceof JetStreamApiError && error.code === NAME_IN_USE && (await streamInfo(manager, name));
    if (winner) return winner;
    throw new LogSetupError(name, `it could not be created: ${(error as Error).message}`, { cause: error });
  }
}

function streamConfig(name: string, space: SubjectSpace, settings: StreamSettings, epoch: string): NewStream {
  return {
    name,
    subjects: [`${space.stored}.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: settings.replicas,
    // A full log answers with an error that becomes a 503; `old` would drop events that were acknowledged.
    discard: DiscardPolicy.New,
    max_bytes: settings.maxBytes,
    max_age: settings.maxAgeMs * 1e6,
    // The server takes no window that is longer than the retention.
    duplicate_window: Math.min(DUPLICATE_WINDOW_MS, settings.maxAgeMs || DUPLICATE_WINDOW_MS) * 1e6,
    allow_direct: true,
    allow_atomic: true,
    // Erasure deletes message by message, which overwrites each in its file; a purge leaves the text there.
    deny_delete: false,
    republish: { src: `${space.stored}.>`, dest: `${space.live}.>` },
    // One projector and a few administrative readers; feeds use none. Since 2.15 the default is a silent 1,000.
    max_consumers: 64,
    metadata: { [EPOCH]: epoch, [SHARDS]: String(settings.shards) },
  };
}

/** Whether the stream drops old events by itself. */
export function trims(config: StreamConfig): boolean {
  return config.max_age > 0 || config.max_msgs > 0 || config.max_msgs_per_subject > 0;
}

/** Why this stream could not keep the promises, or `undefined`. */
export function streamFault(config: StreamConfig, space: SubjectSpace, shards: number): string | undefined {
  if (!config.metadata?.[EPOCH]) return `it was not made by Runcast (no ${EPOCH} in its metadata)`;
  if (config.metadata[SHARDS] !== String(shards)) {
    return `it was made for ${config.metadata[SHARDS] ?? 'an unknown number of'} shards, RUNCAST_SHARDS says ${shards}; moving tenants between shards is not automatic`;
  }
  if (config.storage !== StorageType.File) return 'it is not stored in files';
  if (config.discard !== DiscardPolicy.New) return 'it discards old events when full';
  if (!config.allow_direct) return 'it does not allow Direct Get';
  if (!config.allow_atomic) return 'it does not allow atomic batches';
  if (config.republish?.dest !== `${space.live}.>`) return `it does not republish to ${space.live}.>`;
  return undefined;
}
