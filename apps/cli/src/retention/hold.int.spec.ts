import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listActs, migrate, openDatabase, requestErasure, type Database } from '@runcast/read-models';
import { freshDatabase } from '@runcast/test-harness';
import { releaseHold, setHold, showHolds } from './hold.ts';

let url: string;
let database: Database;
beforeAll(async () => {
  ({ url } = await freshDatabase());
  await migrate(url);
  database = openDatabase({ databaseUrl: url, applicationName: 'spec' });
});
afterAll(() => database.end());

/** Runs a command; resolves to what it printed. */
async function printedBy(command: (host: NodeJS.Process) => Promise<number>): Promise<string> {
  const printed: string[] = [];
  const stdout = { write: (text: string) => printed.push(text) };
  expect(await command({ env: { DATABASE_URL: url }, stdout } as unknown as NodeJS.Process)).toBe(0);
  return printed.join('');
}

const erase = (run: string) =>
  requestErasure(database, { tenant: 'acme', shard: 0, kind: 'run', subject: run, actor: 'spec' });

describe('runcast hold', () => {
  it('keeps a run from being erased until it is released, lists it with its reason, and is in the audit log', async () => {
    const of = { tenant: 'acme', run: 'r1' };
    expect(await printedBy((host) => setHold({ ...of, reason: 'case 12' }, host))).toBe('held, until it is released\n');
    expect(await erase('r1')).toEqual({ outcome: 'held', runs: 1 });
    await printedBy((host) => setHold({ ...of, reason: 'case \u001b[2J13' }, host));
    const listed = await printedBy((host) => showHolds({ tenant: 'acme' }, host));
    expect(listed).toMatch(/^run {2}r1 {2}since 2\S+Z {2}by \S.* {2}case {2}\[2J13\n$/);
    expect(await printedBy((host) => showHolds({ tenant: 'rival' }, host))).toBe('');
    expect(await printedBy((host) => releaseHold(of, host))).toBe('released; retention and erasures go on with it\n');
    expect(await printedBy((host) => showHolds({ tenant: 'acme' }, host))).toBe('');
    const { items } = await listActs(database, { tenant: 'acme', limit: 10 });
    expect(items.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'legal-hold.placed run r1',
      'legal-hold.placed run r1',
      'legal-hold.lifted run r1',
    ]);
    expect(await erase('r1')).toMatchObject({ outcome: 'requested' });
  });

  it('says why it does nothing', async () => {
    await erase('going');
    const refused = (request: { tenant?: string; run?: string; session?: string; reason?: string }) =>
      printedBy((host) => setHold({ tenant: 'acme', reason: 'why', ...request }, host));
    await expect(refused({ run: 'going' })).rejects.toThrow('The run is being erased already. Nothing is held.');
    await expect(refused({})).rejects.toThrow('expected exactly one of --run, --session');
    await expect(refused({ run: 'r', session: 's' })).rejects.toThrow('expected exactly one of --run, --session');
    await expect(refused({ session: '' })).rejects.toThrow('--session: expected a string of 1 to 128 bytes');
    await expect(refused({ tenant: '', run: 'r' })).rejects.toThrow('--tenant: expected');
    await expect(refused({ run: 'r', reason: '' })).rejects.toThrow(
      '--reason: expected a text of 1 to 1000 characters',
    );
    const nothing = printedBy((host) => releaseHold({ tenant: 'acme', session: 's' }, host));
    await expect(nothing).rejects.toThrow('There is no hold on this session.');
  });
});
