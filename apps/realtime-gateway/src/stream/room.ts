import type { Writable } from 'node:stream';
import { ClientGoneError, ClientStalledError } from './errors.ts';

/**
 * Writes to a client's connection. Answers nothing while it takes what it is given, else a promise of room that rejects
 * when the client is gone or takes nothing for `stallMs`.
 *
 * @throws {ClientGoneError} when it is gone already
 */
export function writeTo(connection: Writable, bytes: Buffer, stallMs: number): Promise<void> | undefined {
  if (connection.destroyed || connection.writableEnded) throw new ClientGoneError();
  return connection.write(bytes) ? undefined : room(connection, stallMs);
}

/** Who waits on one connection waits together: two hundred feeds of one WebSocket are one listener and one timer. */
const rooms = new WeakMap<Writable, Promise<void>>();

/** Resolves when everything that was written has left for the network. */
export function room(connection: Writable, stallMs: number): Promise<void> {
  if (connection.destroyed) return Promise.reject(new ClientGoneError());
  const waitedFor = rooms.get(connection);
  if (waitedFor !== undefined) return waitedFor;
  const next = emptied(connection, stallMs);
  rooms.set(connection, next);
  return next;
}

function emptied(connection: Writable, stallMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(stall);
      connection.off('drain', onDrain).off('close', onClose);
      // At once: whoever fills the connection again before the others have gone on must wait anew.
      rooms.delete(connection);
      if (error) reject(error);
      else resolve();
    };
    const onDrain = (): void => settle();
    // Waiting for drain alone would hang for ever when the client goes away.
    const onClose = (): void => settle(new ClientGoneError());
    const stall = setTimeout(() => settle(new ClientStalledError(stallMs)), stallMs);
    connection.on('drain', onDrain).on('close', onClose);
  });
}
