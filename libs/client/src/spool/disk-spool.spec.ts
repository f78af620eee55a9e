import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@runcast/test-harness';
import { RuncastClient, type RuncastClientOptions } from '../runcast-client.ts';
import type { DroppedEvent } from '../sending/outgoing.ts';
import { RecordingGateway } from '../testing/index.ts';
import { DiskSpool } from './disk-spool.ts';

let folder: string;
let gateway: RecordingGateway;
let faults: unknown[];
const spools: DiskSpool[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'runcast-spool-'));
  gateway = await RecordingGateway.start();
  faults = [];
});
afterEach(async () => {
  for (const spool of spools.splice(0)) spool.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

function spoolIn(path = folder): DiskSpool {
  const spool = new DiskSpool({ folder: path, onFault: (fault) => faults.push(fault) });
  spools.push(spool);
  return spool;
}
const clientWith = (spool: DiskSpool, options: Partial<RuncastClientOptions> = {}) =>
  new RuncastClient({ url: gateway.url, apiKey: 'k', backoff: { firstMs: 1, maxMs: 4 }, spool, ...options });
const send = (client: RuncastClient, ...runs: string[]) => runs.map((run) => client.send({ type: 'own', run }));
const isAway = () => ({ status: 503 });
/** What is stored. A request that its client gave up may still arrive; like Runcast, we know its events by their ids. */
const stored = () => [...new Map(gateway.events.map((event) => [event['id'], event])).values()];
const runsOf = () => stored().map(({ run }) => run);

describe('A client with a spool', () => {
  it('leaves what it could not send to the next, which sends it first, under the same ids and times', async () => {
    gateway.answer = isAway;
    const first = clientWith(spoolIn());
    const ids = send(first, 'a', 'b');
    await gateway.until(() => gateway.requests.length > 0);
    await first.close({ timeoutMs: 20 });
    expect(first.counts).toEqual({ sent: 2, delivered: 0, dropped: 0, buffered: 2 });
    const tried = JSON.parse(gateway.requests[0]!.text) as unknown;

    gateway.answer = () => undefined;
    const second = clientWith(spoolIn());
    send(second, 'c');
    await second.close();
    expect(runsOf()).toEqual(['a', 'b', 'c']);
    expect(stored().slice(0, 2)).toEqual(tried);
    expect(
      stored()
        .slice(0, 2)
        .map(({ id }) => id),
    ).toEqual(ids);
    expect(second.counts).toEqual({ sent: 3, delivered: 3, dropped: 0, buffered: 0 });
    expect(readdirSync(folder)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('hands on what it had itself taken over and could not send', async () => {
    gateway.answer = isAway;
    for (const run of ['a', 'b', 'c']) {
      const client = clientWith(spoolIn());
      send(client, run);
      await client.close({ timeoutMs: 5 });
    }
    gateway.answer = () => undefined;
    await clientWith(spoolIn()).close();
    expect(runsOf()).toEqual(['a', 'b', 'c']);
  });

  it('leaves alone what a client that lives has on the same folder', async () => {
    gateway.answer = isAway;
    const living = clientWith(spoolIn());
    send(living, 'a');
    const other = clientWith(spoolIn());
    send(other, 'b');
    expect(other.counts.sent).toBe(1);
    gateway.answer = () => undefined;
    await Promise.all([living.close(), other.close()]);
    expect(runsOf().sort()).toEqual(['a', 'b']);
  });

  it('gives up its oldest event when it is full, on disk as well, and says so', async () => {
    gateway.answer = isAway;
    const dropped: DroppedEvent[] = [];
    const client = clientWith(spoolIn(), { maxBufferedEvents: 2, onDrop: (event) => dropped.push(event) });
    send(client, 'a', 'b', 'c');
    await client.close({ timeoutMs: 5 });
    expect(dropped).toMatchObject([{ run: 'a', reason: 'buffer-full' }]);
    gateway.answer = () => undefined;
    await clientWith(spoolIn()).close();
    expect(runsOf()).toEqual(['b', 'c']);
  });

  it('takes over no more than it has room for, and the rest when there is room again', async () => {
    gateway.answer = isAway;
    const dead = ['a', 'b'].map((run) => ({ run, client: clientWith(spoolIn()) }));
    for (const { run, client } of dead) send(client, ...Array<string>(6).fill(run));
    for (const { client } of dead) await client.close({ timeoutMs: 5 });
    const client = clientWith(spoolIn(), { maxBufferedEvents: 10 });
    expect(client.counts).toMatchObject({ sent: 6, dropped: 0 });
    gateway.answer = () => undefined;
    await waitFor(() => client.counts.delivered === 12, { describe: 'both leftovers to be delivered' });
    await client.close();
    expect(client.counts).toEqual({ sent: 12, delivered: 12, dropped: 0, buffered: 0 });
    expect(runsOf().sort()).toEqual([...Array<string>(6).fill('a'), ...Array<string>(6).fill('b')]);
  });

  it('does not send again what the gateway has refused', async () => {
    gateway.answer = () => ({ status: 207, body: { results: [{ status: 'invalid' }] } });
    const client = clientWith(spoolIn());
    send(client, 'bad');
    await client.close();
    expect(clientWith(spoolIn()).counts.sent).toBe(0);
  });

  it('sends from memory when the disk cannot be written, and tells of it', async () => {
    writeFileSync(join(folder, 'a-file'), '');
    const client = clientWith(spoolIn(join(folder, 'a-file', 'below')));
    send(client, 'a');
    await client.close();
    expect(runsOf()).toEqual(['a']);
    expect(faults).not.toEqual([]);
  });
});
