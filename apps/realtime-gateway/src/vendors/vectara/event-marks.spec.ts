import { describe, expect, it } from '@jest/globals';
import { isShown, markedAfter, MARKS, NO_MARKS } from './event-marks.ts';

const after = (...said: [keyof typeof MARKS, string][]) =>
  said.map(([what, event]) => ({ type: MARKS[what], data: { event } })).reduce(markedAfter, NO_MARKS);

describe('marks', () => {
  it('hide an event until it is shown again', () => {
    expect(isShown(after(['hide', 'a']), 'a', false)).toBe(false);
    expect(isShown(after(['hide', 'a']), 'a', true)).toBe(true);
    expect(isShown(after(['hide', 'a']), 'b', false)).toBe(true);
    expect(isShown(after(['hide', 'a'], ['show', 'a'], ['hide', 'b']), 'a', false)).toBe(true);
    expect(isShown(after(['show', 'a'], ['hide', 'a']), 'a', false)).toBe(false);
  });

  it('delete an event for ever, whoever asks for hidden ones', () => {
    expect(isShown(after(['delete', 'a'], ['show', 'a']), 'a', true)).toBe(false);
  });

  it('twice the same are one, and other events are none', () => {
    expect(after(['hide', 'a'], ['hide', 'a'], ['show', 'a'])).toEqual(NO_MARKS);
    expect(markedAfter(NO_MARKS, { type: 'run.started', data: { event: 'a' } })).toBe(NO_MARKS);
    expect(after(['deleteSession', '']).sessionDeleted).toBe(true);
  });
});
