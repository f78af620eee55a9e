import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { commands } from './commands.ts';

it('docs/command-line.md names every command, and none that there is not', () => {
  const page = readFileSync(new URL('../../../docs/command-line.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `runcast'));
  const named = rows.flatMap((row) => [...row.matchAll(/`runcast ([a-z-]+)/g)].map(([, name]) => name!));
  const known = commands({ host: process, root: '', onExit: () => undefined }).map((command) => command.name());
  expect(named.sort()).toEqual(known.sort());
});
