import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTcpProxy, waitFor, type TcpProxy } from '@runcast/test-harness';
import { claimProjection, projectedPosition } from './claim-projection.ts';
import { openDatabase, type Database } from './database.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import type { Projection } from './projection.ts';
import { emptyTables, readTables } from './read-tables.ts';
import { modelOf, SampleLog } from './sample-log.ts';

let url: string;
let database: Database;
beforeAll(async () => {
  ({ url, database } = await migratedDatabase());
});
beforeEach(() => emptyTables(database));
afterAll(() => database.end());

function ask(holder: string, leaseMs = 60_000, on = database) {
  return claimProjection(on, { shard: 0, holder, leaseMs });
}

async function claim(holder: string, leaseMs?: number, on?: Database): Promise<Projection> {
  const claimed = await ask(holder, leaseMs, on);
  if (claimed.outcome !== 'claimed') throw new Error(`held by ${claimed.by}`);
  return claimed.projection;
}

const { entries } = new SampleLog().event('r1', 'run.started').event('r1', 'step.started').event('r1', 'run.completed');

describe('Of two claimants', () => {
  it('one gets the projection and the other is told who has it, and until when', async () => {
    const outcomes = await Promise.all([ask('one'), ask('two')]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['claimed', 'held']);
    const later = await ask('three');
    expect(later).toMatchObject({ outcome: 'held', by: expect.stringMatching(/one|two/) as unknown });
  });

  it('the one that was frozen beyond its lease cannot write, renew or release', async () => {
    const frozen = await claim('frozen', 1);
    await frozen.commit(entries.slice(0, 1));
    const successor = await waitFor(() => claim('successor'), { describe: 'the lease to run out' });
    await successor.commit(entries.slice(1, 2));
    expect(await frozen.commit(entries.slice(1))).toBe('fenced-out');
    expect(await frozen.renew()).toBe('fenced-out');
    await frozen.release();
    expect(await successor.commit(entries.slice(2))).toBe('committed');
    expect((await readTables(database)).tables).toEqual(modelOf(entries));
  });

  it('a restarted one takes its own lease over at once, and its former self is fenced out', async () => {
    const before = await claim('same');
    const after = await claim('same');
    expect(after.claim.fence).toBe(before.claim.fence + 1);
    expect(await before.commit(entries)).toBe('fenced-out');
    expect(await after.commit(entries)).toBe('committed');
  });

  it('a released claim is free at once', async () => {
    await (await claim('one')).release();
    expect((await ask('two')).outcome).toBe('claimed');
  });

  it('control: without the fence in the way the frozen one would have written', async () => {
    const frozen = await claim('frozen', 1);
    await waitFor(() => claim('successor'), { describe: 'the lease to run out' });
    await database.query(`UPDATE projection SET holder = 'frozen', fence = $1`, [frozen.claim.fence]);
    expect(await frozen.commit(entries)).toBe('committed');
  });
});

describe('A claimant frozen inside its transaction', () => {
  let proxy: TcpProxy;
  beforeEach(async () => {
    proxy = await startTcpProxy(url);
  });

  it('keeps the projection only until Postgres ends its session, and then cannot write', async () => {
    const through = new URL(url);
    through.host = `127.0.0.1:${proxy.port}`;
    const slow = openDatabase({ databaseUrl: through.href, applicationName: 'frozen', waitMs: 1_500 });
    const frozen = await claim('frozen', 1, slow);
    // Its first statements get through; what follows the lock on the projection does not.
    const connection = await slow.connect();
    await connection.query('BEGIN');
    await connection.query('SELECT 1 FROM projection FOR UPDATE');
    proxy.pause();
    expect(await ask('successor')).toMatchObject({ outcome: 'held' });
    const successor = await waitFor(() => claim('successor'), { describe: 'Postgres to end the frozen session' });
    expect(await successor.commit(entries)).toBe('committed');
    proxy.resume();
    await expect(connection.query('COMMIT')).rejects.toThrow();
    connection.release(true);
    expect(await waitFor(() => frozen.commit(entries), { describe: 'the frozen claimant to be answered' })).toBe(
      'fenced-out',
    );
    await slow.end();
    await proxy.close();
  });
});

describe('The projected position', () => {
  it('is absent before the first record and then follows', async () => {
    expect(await projectedPosition(database, 0)).toBeUndefined();
    const projection = await claim('one');
    expect(await projectedPosition(database, 0)).toBeUndefined();
    await projection.commit(entries);
    expect(await projectedPosition(database, 0)).toEqual({ epoch: 'e1', sequence: 3 });
  });
});
