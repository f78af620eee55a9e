import { describe, expect, it } from '@jest/globals';
import { isWithin, requireWithin } from './limits.ts';

describe('Limits', () => {
  it.each([
    ['nothing limits anything', undefined, {}, true],
    ['an agent that is named', { agents: ['a'] }, { agent: 'a' }, true],
    ['another agent', { agents: ['a'] }, { agent: 'b' }, false],
    ['nobody, where agents are limited', { agents: ['a'] }, {}, false],
    ['nobody, where none is allowed', { agents: [] }, {}, false],
    ['any agent, where sessions are limited', { sessions: ['s'] }, { agent: 'b', session: 's' }, true],
    ['another session of an allowed agent', { agents: ['a'], sessions: ['s'] }, { agent: 'a', session: 't' }, false],
  ])('%s', (_name, limits, names, expected) => {
    expect(isWithin(limits, names)).toBe(expected);
    const require = () => requireWithin({ ...(limits && { limits }) }, names);
    if (expected) expect(require).not.toThrow();
    else expect(require).toThrow('The credential is limited to the');
  });
});
