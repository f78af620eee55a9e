import { describe, expect, it } from '@jest/globals';
import { recordedForm, type Frame } from '../dialect.ts';
import { recordedRun, subjects, type Subject } from './subjects.ts';

const pairs = subjects.flatMap((from) => subjects.filter((to) => to !== from).map((to) => ({ from, to })));

describe.each(pairs)('a run recorded in $from.title, watched in $to.title', ({ from, to }) => {
  const frames = recordedRun(from).flatMap((event) => to.dialect.encode(event));

  it('has frames that its clients can read', () => {
    expect(frames.filter((frame) => !isReadable(to, frame))).toEqual([]);
  });

  it('has the frames on record', () => {
    expect(
      frames.map(({ event, data }) => (event === undefined ? data : `${event} ${data}`)).join('\n'),
    ).toMatchSnapshot();
  });
});

describe('the matrix itself', () => {
  it.each(subjects)('refuses in $title a frame of no format', (to) => {
    expect(isReadable(to, { event: 'nonsense', data: '{}' })).toBe(false);
    expect(isReadable(to, { data: '{"type":"nonsense"}' })).toBe(false);
  });
});

function isReadable({ outgoing }: Subject, frame: Frame): boolean {
  return outgoing.safeParse(JSON.parse(recordedForm(frame))).success;
}
