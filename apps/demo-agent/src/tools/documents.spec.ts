import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listDocuments, readDocument, wordStatistics } from './documents.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runcast-documents-'));
  await mkdir(join(folder, 'deeper'));
  await Promise.all(
    ['b.md', 'a.md', 'deeper/c.md', 'd.txt'].map((name) => writeFile(join(folder, name), `in ${name}`)),
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe('documents', () => {
  it('are the Markdown files of the folder and of those below it', async () => {
    expect(await listDocuments(folder)).toEqual(['a.md', 'b.md', 'deeper/c.md']);
    expect(await readDocument(folder, 'deeper/c.md')).toBe('in deeper/c.md');
  });

  it('are none where there is no folder', async () => {
    expect(await listDocuments(join(folder, 'nowhere'))).toEqual([]);
  });

  it.each(['d.txt', 'missing.md', '../a.md', '/etc/hostname'])('do not include %s', async (name) => {
    await expect(readDocument(folder, name)).rejects.toThrow('there is no document');
  });
});

it('counts words in every alphabet, and ranks the longer ones', () => {
  expect(wordStatistics('a.md', "Events are events; the über-log isn't a event.")).toEqual({
    document: 'a.md',
    words: 8,
    differentWords: 7,
    mostFrequent: [
      { word: 'events', count: 2 },
      { word: 'event', count: 1 },
      { word: "isn't", count: 1 },
      { word: 'über-log', count: 1 },
    ],
  });
});
