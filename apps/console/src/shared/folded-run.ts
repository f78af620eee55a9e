import { useMemo, useRef } from 'react';
import type { WatchedEvent } from '@runcast/client';
import { foldRun, parsePosition, runBody, type RecordedEvent, type RunBody, type RunState } from '@runcast/run-events';
import type { FeedSnapshot } from '../live/run-feed.ts';

/**
 * What a run came to, of its events alone: who was sent a link may watch the feed and ask for nothing else. The same fold
 * as the tables', so it says what they say.
 */
export function useFoldedRun({ version, events }: FeedSnapshot): RunBody | undefined {
  const folded = useRef({ state: undefined as RunState | undefined, count: 0 });
  return useMemo(() => {
    // A feed that began anew is shorter than what was folded.
    const { state: known, count } = folded.current.count > events.length ? NOTHING : folded.current;
    const state = events.slice(count).reduce(foldWatched, known);
    folded.current = { state, count: events.length };
    return state && runBody(state, events.at(-1)!.position);
    // The array is the same one each time; the version tells that it has grown.
  }, [version, events]);
}

const NOTHING = { state: undefined, count: 0 };

/** The next state of a run, for an event as a feed delivers it. */
export function foldWatched(before: RunState | undefined, event: WatchedEvent): RunState {
  const { occurred_at, received_at = occurred_at, position, level = 'info', dialect = 'runcast', ...facts } = event;
  const recorded: RecordedEvent = {
    ...facts,
    level,
    dialect,
    tenant: '',
    raw: '',
    position: parsePosition(position) ?? { shard: 0, epoch: '', sequence: 0 },
    occurredAt: occurred_at,
    receivedAt: received_at,
  };
  return foldRun(before, recorded);
}
