import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { serviceVariables, wholeNumber } from '@runcast/service-host/config';
import { TABLES, withTables } from './configuration-page.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

describe('docs/configuration.md', () => {
  it('is what npm run docs makes of the schemas that the programs read', () => {
    expect(page).toBe(withTables(page));
  });

  it('would be found out for another default', () => {
    const other = { ...serviceVariables, PORT: wholeNumber({ min: 0, max: 1 }).default(1) };
    expect(page).not.toBe(withTables(page, { ...TABLES, 'every-service': other }));
  });

  it('would be found out for a table that has no place', () => {
    expect(() => withTables(page, { unheard: serviceVariables })).toThrow('no place for the table unheard');
  });

  it('has something to say about each variable', () => {
    const unexplained = Object.values(TABLES).flatMap((variables) =>
      Object.entries(variables).filter(([, schema]) => !schema.description),
    );
    expect(unexplained).toEqual([]);
  });
});
