import { useMemo, useRef } from 'react';
import type { WatchedEvent } from '@runcast/client';
import {
  foldRun,
  parsePosition,
  timestampToMs,
  total,
  type RecordedEvent,
  type RunState,
  type Timestamp,
} from '@runcast/run-events';
import type { RunBody } from '../api/types.ts';
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
    return state && bodyOf(state, events.at(-1)!.position);
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

export function bodyOf(run: RunState, position: string): RunBody {
  const { inputTokens, outputTokens, totalTokens, costUsd } = run.usage;
  return {
    id: run.run,
    status: run.status,
    ...(run.statusReason !== undefined && { status_reason: run.statusReason }),
    attempt: run.attempt,
    ...(run.agent !== undefined && { agent: run.agent }),
    ...(run.flow !== undefined && { flow: run.flow }),
    ...(run.session !== undefined && { session: run.session }),
    ...(run.model !== undefined && { model: run.model }),
    ...(run.error !== undefined && { error: run.error }),
    ...(run.question !== undefined && { question: run.question }),
    started_at: run.startedAt,
    ...(run.endedAt !== undefined && { ended_at: run.endedAt, duration_ms: durationOf(run.startedAt, run.endedAt) }),
    last_event_at: run.lastEventAt,
    event_count: run.eventCount,
    step_count: total(run.steps),
    tool_call_count: total(run.toolCalls),
    llm_call_count: total(run.llmCalls),
    error_count: run.errorCount,
    usage: { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: totalTokens, cost_usd: costUsd },
    position,
  };
}

function durationOf(from: Timestamp, to: Timestamp): number {
  return Math.max(0, timestampToMs(to) - timestampToMs(from));
}
