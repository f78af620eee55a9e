import { describe, expect, it } from '@jest/globals';
import { SampleLog } from './sample-log.ts';
import { foldSession, type SessionFact, type SessionState } from './session-state.ts';

function fold(log: SampleLog): SessionState | undefined {
  let state: SessionState | undefined;
  for (const entry of log.entries) {
    if (entry.kind === 'unreadable') continue;
    const fact: SessionFact =
      entry.kind === 'link'
        ? { kind: 'run-joined', link: entry.link }
        : { kind: 'event', session: 's1', event: entry.event };
    state = foldSession(state, fact);
  }
  return state;
}

describe('A session', () => {
  it('begins with its first link, before anything has happened in it', () => {
    expect(fold(new SampleLog().link('r1', 's1'))).toEqual({
      tenant: 'acme',
      session: 's1',
      runCount: 1,
      eventCount: 0,
      firstSequence: 1,
      lastSequence: 1,
    });
  });

  it('counts runs by links and events by events', () => {
    const log = new SampleLog().link('r1', 's1').event('r1', 'a').link('r2', 's1').event('r2', 'b').event('r1', 'c');
    expect(fold(log)).toMatchObject({ runCount: 2, eventCount: 3, firstSequence: 1, lastSequence: 5 });
  });

  it('spans from the earliest to the latest time, in whatever order the events come', () => {
    const at = (hour: number) => ({ occurredAt: `2026-01-01T0${hour}:00:00.000000Z` });
    const log = new SampleLog().event('r1', 'a', {}, at(5)).event('r1', 'b', {}, at(2)).event('r1', 'c', {}, at(4));
    expect(fold(log)).toMatchObject({ firstEventAt: at(2).occurredAt, lastEventAt: at(5).occurredAt });
  });

  it('was last active when the log stored its newest event, whatever that event says', () => {
    const log = new SampleLog().event('r1', 'a').event('r1', 'b', {}, { occurredAt: '2020-01-01T00:00:00.000000Z' });
    expect(fold(log)?.lastActivityAt).toBe('2026-11-21T00:00:02.000000Z');
  });

  it('keeps the first agent that was named', () => {
    const log = new SampleLog()
      .event('r1', 'a')
      .event('r1', 'b', {}, { agent: 'ada' })
      .event('r1', 'c', {}, { agent: 'bob' });
    expect(fold(log)?.agent).toBe('ada');
  });
});
