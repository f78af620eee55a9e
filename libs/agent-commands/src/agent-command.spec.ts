import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCommand } from './agent-command.ts';

const command = { id: 'c', tenant: 't', agent: 'a', run: 'r', dialect: 'zihin', message: 'hi', input: { x: 1 } };
const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

describe('readCommand', () => {
  it('gives back what was sent', () => {
    const full = { ...command, session: 's', flow: 'f' };
    expect(readCommand(bytes(full))).toEqual(full);
  });

  it.each(Object.keys(command))('takes nothing without %s', (member) => {
    expect(readCommand(bytes({ ...command, [member]: undefined }))).toBeUndefined();
  });

  it('throws at nothing', () => {
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes)), (data) => void readCommand(data)));
  });
});
