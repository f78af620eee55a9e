import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CANONICAL_EVENT_TYPES, DIALECT_NAMES } from '@runcast/run-events';
import { dialects } from '../list.ts';
import { mappingTable } from './mapping-table.ts';

const page = readFileSync(new URL('../../../../docs/dialects.md', import.meta.url), 'utf8');

describe('docs/dialects.md', () => {
  it('has the mapping table that the code has', () => {
    expect(page).toContain(mappingTable());
  });

  it('would not have a table of which one row is missing', () => {
    const [row] = mappingTable().match(/^\| `run\.failed`.*$/m)!;
    expect(page.replace(row, '')).not.toContain(mappingTable());
  });

  it.each(CANONICAL_EVENT_TYPES)('tells of %s', (type) => {
    expect(page).toContain(`| \`${type}\` |`);
  });

  it.each(DIALECT_NAMES)('links to the page of %s', (name) => {
    expect(page).toContain(`../libs/dialects/src/${name}/README.md`);
  });
});

describe.each(DIALECT_NAMES)('the folder %s', (name) => {
  it('has the files that every folder has', () => {
    const files = readdirSync(new URL(`../${name}/`, import.meta.url));
    expect(files).toEqual(
      expect.arrayContaining([
        'README.md',
        'decode.ts',
        'encode.ts',
        'fixtures',
        'mapping.ts',
        `${name}.spec.ts`,
        `${name}.ts`,
        'wire.ts',
      ]),
    );
  });

  it('is listed under its own name', () => {
    expect(dialects[name].name).toBe(name);
    expect(existsSync(new URL(`../${name}/${name}.ts`, import.meta.url))).toBe(true);
  });
});
