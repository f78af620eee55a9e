import { describe, expect, it } from '@jest/globals';
import { topOf } from './profile.ts';

describe('the top of a CPU profile', () => {
  it('is the time in each function itself, as a share of the time in which the process worked', () => {
    const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 4 });
    const profile = {
      nodes: [
        { id: 1, callFrame: frame('(idle)') },
        { id: 2, callFrame: frame('encode', 'file:///x/libs/event-log/dist/record.js') },
        { id: 3, callFrame: frame('') },
      ],
      samples: [1, 2, 2, 3],
      timeDeltas: [900, 50, 25, 25],
    };
    expect(topOf(JSON.stringify(profile), 2)).toEqual([
      ' 75.0 %  encode event-log/dist/record.js:5',
      ' 25.0 %  (anonymous)',
    ]);
  });
});
