import { JetStreamApiError, jetstreamManager, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import type { Messaging } from './messaging.ts';

const STREAM_NOT_FOUND = 10059;
const NAME_IN_USE = 10058;

export type NewStream = Partial<StreamConfig> & { readonly name: string };

export function streamName(name: string, { namespace }: Messaging): string {
  return namespace === '' ? name : `${name}-${namespace}`;
}

/** Makes sure that the stream exists, whoever creates it. One that exists is left as an operator has set it. */
export async function ensureStream(messaging: Messaging, config: NewStream): Promise<JetStreamManager> {
  const manager = await jetstreamManager(messaging.connection);
  try {
    await manager.streams.info(config.name);
  } catch (error) {
    if (!isCode(error, STREAM_NOT_FOUND)) throw error;
    await manager.streams.add(config).catch((failed: unknown) => {
      // Another process created it in the same moment.
      if (!isCode(failed, NAME_IN_USE)) throw failed;
    });
  }
  return manager;
}

function isCode(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}
