import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { configTable } from './table.ts';
import { secret, wholeNumber } from './values.ts';

describe('configTable', () => {
  it('tells what is required, what has a default, and what may come from a file', () => {
    const variables = {
      NAME: z.string().optional().describe('A name'),
      PORT: wholeNumber({ min: 0, max: 9 }).default(8).describe('A port'),
      KEY: secret(z.string().describe('A key')),
    };
    expect(configTable(variables)).toBe(
      [
        '| variable | default | meaning |',
        '|---|---|---|',
        '| `NAME` | unset | A name |',
        '| `PORT` | `8` | A port |',
        '| `KEY`, `KEY_FILE` | required | A key |',
      ].join('\n'),
    );
  });
});
