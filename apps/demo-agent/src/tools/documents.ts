import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface WordStatistics {
  readonly document: string;
  readonly words: number;
  readonly differentWords: number;
  readonly mostFrequent: readonly { readonly word: string; readonly count: number }[];
}

/** The names of a folder's Markdown documents, in alphabetical order. None where there is no folder. */
export async function listDocuments(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.md')).sort();
}

/** @throws when there is no such document. */
export async function readDocument(folder: string, name: string): Promise<string> {
  // Only what is listed: a model's words are not to be trusted with `../`.
  if (!(await listDocuments(folder)).includes(name)) throw new Error(`there is no document named "${name}"`);
  return readFile(join(folder, name), 'utf8');
}

export function wordStatistics(document: string, text: string): WordStatistics {
  const words = text.toLowerCase().match(/\p{L}[\p{L}'-]*/gu) ?? [];
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const mostFrequent = [...counts]
    .filter(([word]) => word.length > 4)
    .sort(([leftWord, left], [rightWord, right]) => right - left || leftWord.localeCompare(rightWord))
    .slice(0, 5)
    .map(([word, count]) => ({ word, count }));
  return { document, words: words.length, differentWords: counts.size, mostFrequent };
}
