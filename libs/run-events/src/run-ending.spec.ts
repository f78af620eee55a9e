import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RecordedEvent } from './event.ts';
import { foldRun } from './fold-run.ts';
import { BEFORE_THE_START, endingAfter, endingOf, IN_THE_MIDDLE, type RunEnding } from './run-ending.ts';
import type { RunState } from './run-state.ts';

const TYPES = [
  'run.started',
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.went-stale',
  'run.heartbeat',
  'human-input.requested',
  'vendor.anything',
];

function event(sequence: number, type: string, minute: number): RecordedEvent {
  const at = `2026-01-01T00:0${minute}:00.000000Z`;
  return {
    id: `event-${sequence}`,
    tenant: 'acme',
    run: 'r1',
    type,
    level: 'info',
    occurredAt: at,
    receivedAt: at,
    dialect: 'runcast',
    data: type === 'human-input.requested' ? { question: 'Go on?' } : {},
    raw: '{}',
    position: { shard: 0, epoch: 'e1', sequence },
  };
}

/** Any order of types and of the times they claim. */
const events = fc
  .array(fc.tuple(fc.constantFrom(...TYPES), fc.integer({ min: 0, max: 6 })), { minLength: 1, maxLength: 10 })
  .map((said) => said.map(([type, minute], index) => event(index + 1, type, minute)));

const folded = (all: readonly RecordedEvent[]): RunEnding =>
  endingOf(all.reduce<RunState | undefined>(foldRun, undefined)!);
const followed = (all: readonly RecordedEvent[], from = BEFORE_THE_START): RunEnding => all.reduce(endingAfter, from);

describe('Whether a run is over', () => {
  it('is told by its events, from the first on, as the fold tells it', () => {
    fc.assert(
      fc.property(events, (all) => expect(followed(all)).toEqual(folded(all))),
      { numRuns: 2_000 },
    );
  });

  it('is told as the fold tells it by who learned in the middle where the run stood', () => {
    const split = events.chain((all) => fc.tuple(fc.constant(all), fc.integer({ min: 1, max: all.length })));
    const property = fc.property(split, ([all, at]) =>
      expect(followed(all.slice(at), folded(all.slice(0, at)))).toEqual(folded(all)),
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it('is never told otherwise by who began in the middle and knows nothing of what was before', () => {
    let told = 0;
    const split = events.chain((all) => fc.tuple(fc.constant(all), fc.integer({ min: 1, max: all.length })));
    const property = fc.property(split, ([all, at]) => {
      const { end } = followed(all.slice(at), IN_THE_MIDDLE);
      if (end === undefined) return;
      told += 1;
      expect(end).toBe(folded(all).end);
    });
    fc.assert(property, { numRuns: 4_000 });
    expect(told).toBeGreaterThan(500);
  });

  it('is not undone by a start that comes late, and is by one that happened later', () => {
    const ended = [event(1, 'step.started', 2), event(2, 'run.completed', 3)];
    expect(followed([...ended, event(3, 'run.started', 1)]).end).toBe('over');
    expect(followed([...ended, event(3, 'run.started', 4)]).end).toBe('running');
  });

  it('cannot be told in the middle after a start that may or may not have come late', () => {
    const middle = (...rest: RecordedEvent[]) => followed(rest, IN_THE_MIDDLE).end;
    expect(middle(event(5, 'run.started', 1))).toBeUndefined();
    expect(middle(event(5, 'run.completed', 3), event(6, 'run.started', 1))).toBeUndefined();
    expect(middle(event(5, 'run.completed', 3))).toBe('over');
  });
});
