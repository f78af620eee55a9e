import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Journal } from './journal.ts';

const line = (run: string, index: number) => ({ run, id: `e${index}`, position: `0.a.${index}`, mark: `m${index}` });

describe('the journal', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runcast-journal-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has a line in its file by the time the sender is told so', async () => {
    const file = join(folder, 'journal');
    const journal = await Journal.create(file);
    const append = async (index: number): Promise<void> => {
      await journal.append([line('r', index)]);
      expect(readFileSync(file, 'utf8')).toContain(`"id":"e${index}"`);
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => append(index)));
    expect(journal.size).toBe(50);
    await journal.read();
  });

  it('gives back each run in the order in which it was written', async () => {
    const journal = await Journal.create(join(folder, 'journal'));
    await journal.append([line('a', 0), line('a', 1)]);
    await Promise.all([journal.append([line('b', 0)]), journal.append([line('a', 2)])]);
    const runs = await journal.read();
    expect(runs.get('a')!.map(({ id }) => id)).toEqual(['e0', 'e1', 'e2']);
    expect(runs.get('b')).toEqual([{ id: 'e0', position: '0.a.0', mark: 'm0' }]);
  });

  it('counts the events of each shard by their positions', async () => {
    const journal = await Journal.create(join(folder, 'journal'));
    await journal.append([line('a', 0), { ...line('b', 0), position: '12.a.7' }, line('a', 1)]);
    expect([journal.sizeOf(0), journal.sizeOf(12), journal.sizeOf(1), journal.size]).toEqual([2, 1, 0, 3]);
    await journal.read();
  });

  it('never goes on in the file of another run of the suite', async () => {
    await (await Journal.create(join(folder, 'journal'))).read();
    await expect(Journal.create(join(folder, 'journal'))).rejects.toThrow('EEXIST');
  });
});
