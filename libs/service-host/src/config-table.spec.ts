import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configTable } from './config-table.ts';
import { backendVariables, serviceVariables, wholeNumber } from './config.ts';

describe('docs/configuration.md', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

  it('lists the variables of every service as the code reads them', () => {
    expect(page).toContain(configTable(serviceVariables));
    expect(page).toContain(configTable(backendVariables));
  });

  it('would be found out for another default', () => {
    expect(page).not.toContain(configTable({ ...serviceVariables, PORT: wholeNumber({ min: 0, max: 1 }).default(1) }));
  });

  it('has something to say about each', () => {
    expect(configTable({ ...serviceVariables, ...backendVariables })).not.toContain('|  |');
  });
});
