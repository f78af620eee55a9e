import type { JsonValue } from './json-text.ts';
import type { ErrorFacts } from './event-types.ts';
import { total, type RunState, type RunStatus, type StatusReason } from './run-state.ts';
import { timestampToMs } from './timestamps.ts';

/** A run as the API shows it (docs/api.md): the fold of its events up to `position`. What is unknown is left out of the JSON. */
export interface RunBody {
  readonly id: string;
  readonly status: RunStatus;
  readonly status_reason?: StatusReason | undefined;
  readonly attempt: number;
  readonly agent?: string | undefined;
  readonly flow?: string | undefined;
  readonly session?: string | undefined;
  readonly framework?: string | undefined;
  readonly model?: string | undefined;
  readonly started_at: string;
  readonly ended_at?: string | undefined;
  readonly duration_ms?: number | undefined;
  readonly last_event_at: string;
  readonly event_count: number;
  readonly step_count: number;
  readonly tool_call_count: number;
  readonly llm_call_count: number;
  readonly error_count: number;
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly total_tokens: number;
    readonly cost_usd: number;
  };
  readonly question?: string | undefined;
  readonly error?: ErrorFacts | undefined;
  /** These two only where a single run is asked for. */
  readonly input?: JsonValue | undefined;
  readonly output?: JsonValue | undefined;
  /** Of the newest event that is in it. */
  readonly position: string;
}

/** The state of a run, with or without the large parts that lists leave out. */
export function runBody(run: RunState | Omit<RunState, 'input' | 'output'>, position: string): RunBody {
  const { inputTokens, outputTokens, totalTokens, costUsd } = run.usage;
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
    duration_ms:
      run.endedAt === undefined ? undefined : Math.max(0, timestampToMs(run.endedAt) - timestampToMs(run.startedAt)),
    last_event_at: run.lastEventAt,
    event_count: run.eventCount,
    step_count: total(run.steps),
    tool_call_count: total(run.toolCalls),
    llm_call_count: total(run.llmCalls),
    error_count: run.errorCount,
    usage: { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: totalTokens, cost_usd: costUsd },
    question: run.question,
    error: run.error,
    ...('input' in run && { input: run.input, output: run.output }),
    position,
  };
}
