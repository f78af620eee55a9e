import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { ApiKeys } from './api-keys.ts';
import { openDatabase, type Database } from './database.ts';
import { migratedDatabase } from './migrated-database.fixture.ts';
import { MAX_TICKETS, Tickets, type TicketKind } from './tickets.ts';

let database: Database;
let replica: Database;
beforeAll(async () => {
  const migrated = await migratedDatabase();
  ({ database } = migrated);
  replica = openDatabase({ databaseUrl: migrated.url, applicationName: 'spec, another replica' });
});
afterAll(async () => {
  await database.end();
  await replica.end();
});

const FACTS = { tenant: 'acme', keyId: 'k1', grants: { runs: ['r1'] } };

async function issue(tickets: Tickets<object>, tenant = 'acme', kind: TicketKind = 'ticket'): Promise<string> {
  const issued = await tickets.issue({ ...FACTS, tenant }, kind);
  if (issued.outcome !== 'issued') throw new Error(issued.outcome);
  return issued.ticket;
}

describe('A ticket', () => {
  it('is taken once, by one of the replicas that are shown it in the same moment', async () => {
    const here = new Tickets(database);
    const there = new Tickets(replica);
    for (let round = 0; round < 20; round += 1) {
      const ticket = await issue(here);
      const taken = await Promise.all([here, there, here, there].map((tickets) => tickets.redeem(ticket)));
      expect(taken.filter((found) => found !== undefined)).toEqual([FACTS]);
      expect(await there.redeem(ticket)).toBeUndefined();
    }
  });

  it('is good for its time only, and stored as a hash', async () => {
    const ticket = await issue(new Tickets(database, { ticket: 1, view: 1 }), 'brief');
    const { rows } = await database.query<object>('SELECT * FROM ticket');
    expect(JSON.stringify(rows)).not.toContain(ticket.slice(4));
    const expired = async () => {
      const { rowCount } = await database.query(`SELECT 1 FROM ticket WHERE tenant = 'brief' AND expires_at < now()`);
      return rowCount === 1;
    };
    await waitFor(expired, { describe: 'the ticket to expire' });
    expect(await new Tickets(database).redeem(ticket)).toBeUndefined();
  });

  it.each(['', 'rct_', `rct_${'A'.repeat(43)}`, `rck_${'A'.repeat(43)}`])('is not %j', async (text) => {
    expect(await new Tickets(database).redeem(text)).toBeUndefined();
  });

  it('that nobody used goes away when others are made', async () => {
    await issue(new Tickets(database, { ticket: 0, view: 0 }), 'sweeper');
    await issue(new Tickets(database), 'sweeper');
    const { rowCount } = await database.query(`SELECT 1 FROM ticket WHERE tenant = 'sweeper'`);
    expect(rowCount).toBe(1);
  });

  it('is no view: neither is taken for the other', async () => {
    const view = await issue(new Tickets(database), 'acme', 'view');
    expect(await new Tickets(database).redeem(view.replace('rcv_', 'rct_'))).toBeUndefined();
    const ticket = await issue(new Tickets(database));
    expect(await new Tickets(database).redeem(ticket.replace('rct_', 'rcv_'))).toBeUndefined();
    expect(await new Tickets(database).redeem(ticket)).toEqual(FACTS);
  });

  it('is refused to a tenant that holds too many, and given to others', async () => {
    await database.query(
      `INSERT INTO ticket SELECT sha256(n::text::bytea), 'greedy', 'k', '{}', now() + interval '1 minute'
       FROM generate_series(1, $1) AS n`,
      [MAX_TICKETS],
    );
    const tickets = new Tickets(database);
    expect(await tickets.issue({ ...FACTS, tenant: 'greedy' })).toEqual({ outcome: 'too-many' });
    expect(await tickets.issue({ ...FACTS, tenant: 'modest' })).toMatchObject({ outcome: 'issued' });
  });
});

describe('A view', () => {
  it('is good as often as it is shown, on every replica, and tells when it ends', async () => {
    const view = await issue(new Tickets(database), 'acme', 'view');
    for (const tickets of [new Tickets(database), new Tickets(replica), new Tickets(database)]) {
      expect(await tickets.redeem(view)).toEqual({ ...FACTS, endsAtMs: expect.any(Number) as unknown });
    }
    const { endsAtMs } = (await new Tickets(database).redeem(view))!;
    expect(Math.abs(endsAtMs! - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });

  it('is good no longer when its time is over, or its key was revoked', async () => {
    const short = new Tickets(database, { ticket: 1, view: 0 });
    expect(await short.redeem(await issue(short, 'acme', 'view'))).toBeUndefined();

    const { id } = await new ApiKeys(database).create({
      tenant: 'acme',
      name: 'spec',
      scopes: ['read'],
      actor: 'spec',
    });
    const tickets = new Tickets(database);
    const issued = await tickets.issue({ ...FACTS, keyId: id }, 'view');
    const view = issued.outcome === 'issued' ? issued.ticket : '';
    expect(await tickets.redeem(view)).toMatchObject({ keyId: id });
    await new ApiKeys(database).revoke({ tenant: 'acme', id, actor: 'spec' });
    expect(await tickets.redeem(view)).toBeUndefined();
  });
});
