import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ClientGoneError, ClientStalledError } from './errors.ts';
import { room, writeTo } from './room.ts';

const STALL_MS = 10_000;

/** A connection that takes nothing until it is told to. */
function fullConnection(): { connection: Writable; take: () => void } {
  let take = (): void => undefined;
  const connection = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void (take = () => done()) });
  connection.write('as much as it holds');
  return { connection, take: () => take() };
}

const waitersOf = (connection: Writable) =>
  ['drain', 'close'].map((event) => connection.listenerCount(event) - bare.listenerCount(event));
const bare = new Writable();

describe('room on a connection', () => {
  it('is waited for once, however many feeds share it', async () => {
    const { connection, take } = fullConnection();
    const all = Array.from({ length: 200 }, () => room(connection, STALL_MS));
    expect(waitersOf(connection)).toEqual([1, 1]);
    take();
    await Promise.all(all);
    expect(waitersOf(connection)).toEqual([0, 0]);
  });

  it('is waited for anew by who fills it as soon as there was some', async () => {
    const { connection, take } = fullConnection();
    let second: Promise<void> | undefined;
    const first = room(connection, STALL_MS);
    connection.once('drain', () => void (second = writeTo(connection, Buffer.from('more'), STALL_MS)));
    take();
    await first;
    expect(second).toBeDefined();
    let isThere = false;
    void second!.then(() => (isThere = true));
    await Promise.resolve();
    expect(isThere).toBe(false);
    take();
    await second;
  });

  it('comes for nobody when the client goes', async () => {
    const { connection } = fullConnection();
    const all = [room(connection, STALL_MS), room(connection, STALL_MS)];
    connection.destroy();
    for (const each of all) await expect(each).rejects.toBeInstanceOf(ClientGoneError);
    await expect(room(connection, STALL_MS)).rejects.toBeInstanceOf(ClientGoneError);
    expect(() => writeTo(connection, Buffer.from('x'), STALL_MS)).toThrow(ClientGoneError);
  });

  it('is given up on when the client takes nothing', async () => {
    const { connection } = fullConnection();
    await expect(room(connection, 1)).rejects.toBeInstanceOf(ClientStalledError);
    expect(waitersOf(connection)).toEqual([0, 0]);
  });
});
