import type { RunSummary, SessionState } from '@runcast/read-models';
import { formatPosition, timestampToMs, total, type Position, type RunState, type Usage } from '@runcast/run-events';

/** Turns the newest sequence of a row into the position that every transport understands. */
export type PositionOf = (sequence: number) => Position;

/** A run as the API shows it. `input` and `output` only where a single run is asked for. */
export function runBody(run: RunSummary | RunState, positionOf: PositionOf) {
  return {
    id: run.run,
    status: run.status,
    status_reason: run.statusReason,
    attempt: run.attempt,
    agent: run.agent,
    flow: run.flow,
    session: run.session,
    framework: run.framework,
    model: run.model,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    duration_ms: run.endedAt && Math.max(0, timestampToMs(run.endedAt) - timestampToMs(run.startedAt)),
    last_event_at: run.lastEventAt,
    event_count: run.eventCount,
    step_count: total(run.steps),
    tool_call_count: total(run.toolCalls),
    llm_call_count: total(run.llmCalls),
    error_count: run.errorCount,
    usage: usageBody(run.usage),
    question: run.question,
    error: run.error,
    ...('input' in run && { input: run.input, output: run.output }),
    position: formatPosition(positionOf(run.lastSequence)),
  };
}

export function sessionBody(session: SessionState, positionOf: PositionOf) {
  return {
    id: session.session,
    agent: session.agent,
    run_count: session.runCount,
    event_count: session.eventCount,
    first_event_at: session.firstEventAt,
    last_event_at: session.lastEventAt,
    last_activity_at: session.lastActivityAt,
    position: formatPosition(positionOf(session.lastSequence)),
  };
}

function usageBody(usage: Required<Usage>) {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens,
    cost_usd: usage.costUsd,
  };
}
