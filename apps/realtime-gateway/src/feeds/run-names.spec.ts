import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@runcast/run-events';
import fc from 'fast-check';
import { NAMING_EVENTS, RunNames } from './run-names.ts';

function event(sequence: number, names: { session?: string; agent?: string } = {}): RecordedEvent {
  const time = '2026-01-01T00:00:00.000000Z';
  return {
    id: String(sequence),
    tenant: 't',
    run: 'r',
    type: 'x',
    level: 'info',
    occurredAt: time,
    receivedAt: time,
    dialect: 'runcast',
    data: {},
    raw: '{}',
    position: { shard: 0, epoch: 'e', sequence },
    ...names,
  };
}

describe('RunNames', () => {
  it('names events from the one on that names the run first, and leaves what they say themselves', () => {
    const names = new RunNames();
    const events = [event(3), event(5, { agent: 'a' }), event(8, { agent: 'b', session: 's' }), event(9)];
    events.forEach((each) => names.learn(each));
    expect(events.map((each) => names.named(each).known)).toEqual([
      undefined,
      undefined,
      undefined,
      { agent: 'a', session: 's' },
    ]);
  });

  it('looks no further than the head of the run', () => {
    const names = new RunNames();
    for (let sequence = 1; sequence <= NAMING_EVENTS; sequence += 1) names.learn(event(sequence));
    names.learn(event(NAMING_EVENTS + 1, { agent: 'late' }));
    expect(names.named(event(NAMING_EVENTS + 2)).known).toBeUndefined();
  });

  it('tells a reader of the whole run what it told one that learned as it went', () => {
    const name = fc.option(fc.constantFrom('a', 'b'), { nil: undefined });
    const drawn = fc.array(fc.record({ session: name, agent: name }), { maxLength: 20 });
    fc.assert(
      fc.property(drawn, (all) => {
        const events = all.map(({ session, agent }, index) =>
          event(index + 1, { ...(session && { session }), ...(agent && { agent }) }),
        );
        const live = new RunNames();
        const told = events.map((each) => (live.learn(each), live.named(each)));
        const late = new RunNames();
        events.forEach((each) => late.learn(each));
        expect(events.map((each) => late.named(each))).toEqual(told);
      }),
    );
  });
});
