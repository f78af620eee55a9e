import {
  oneLine,
  type CanonicalEvent,
  type ErrorFacts,
  type JsonValue,
  type RecordedEvent,
  type Usage,
} from '@runcast/run-events';
import { asCanonical } from '../canonical.ts';
import { frameOf, type Frame } from '../dialect.ts';
import { preview } from '../text-of.ts';

/** The vendor's own limit for tool input and output. */
export const PREVIEW_CHARACTERS = 500;

export function encode(event: RecordedEvent): Frame[] {
  if (event.dialect === 'agent-os') return [{ data: oneLine(event.raw) }];
  const canonical = asCanonical(event);
  const said = canonical && say(canonical);
  if (!said) return [];
  const [event_type, payload] = said;
  const { run: sdk_run_id, agent: agent_name, session: session_id, occurredAt: occurred_at } = event;
  return [frameOf({ event_type, sdk_run_id, agent_name, session_id, payload, occurred_at })];
}

type Said = readonly [eventType: string, payload: object];

function say(event: CanonicalEvent): Said | undefined {
  switch (event.type) {
    case 'run.started':
      return ['run_start', { framework: event.data.framework, input: event.data.input ?? event.data.message }];
    case 'run.completed':
      return ['run_end', { output: event.data.output, ...counted(event.data.usage), model: event.data.model }];
    case 'run.failed':
      return ['error', failure(event.data.error, event.data.traceback)];
    case 'run.cancelled':
      return ['error', failure({ type: 'Cancelled', message: event.data.reason ?? 'the run was cancelled' })];
    case 'run.went-stale':
      return ['error', failure({ type: 'Stale', message: `no event for ${event.data.idleMs} ms` })];
    case 'human-input.requested': {
      const { question, context, channel, requestId } = event.data;
      return ['human_input_requested', { question, context, channel: channel ?? 'dashboard', request_id: requestId }];
    }
    case 'human-input.received': {
      const { response, respondedBy, requestId } = event.data;
      return ['human_input_received', { response, responded_by: respondedBy, request_id: requestId }];
    }
    default:
      return sayWork(event);
  }
}

/** Steps and tool calls; a model call is shown as a step, because the seven types have no other word for it. */
function sayWork(event: CanonicalEvent): Said | undefined {
  switch (event.type) {
    case 'step.started': {
      const { step: node_name, stepId: step_id, input } = event.data;
      return ['step', { node_name, phase: 'start', step_id, input }];
    }
    case 'step.completed':
      return ['step', { ...stepEnd(event.data), output: event.data.output }];
    case 'step.failed':
      return ['step', { ...stepEnd(event.data), output: event.data.partialOutput, error: event.data.error }];
    case 'tool-call.started':
      return ['tool_call', toolCall('start', event.data)];
    case 'tool-call.completed':
      return ['tool_call', toolCall('end', event.data)];
    case 'tool-call.failed':
      return ['tool_call', toolCall('end', { error: { message: 'the tool call failed' }, ...event.data })];
    case 'llm-call.started':
      return ['step', { node_name: event.data.model ?? 'llm-call', phase: 'start', step_id: event.data.callId }];
    case 'llm-call.completed':
      return ['step', { ...llmCallEnd(event.data), output: event.data.output }];
    case 'llm-call.failed':
      return ['step', { ...llmCallEnd(event.data), error: event.data.error }];
    default:
      return undefined;
  }
}

function stepEnd(data: { step: string; stepId?: string; durationMs?: number }): object {
  return { node_name: data.step, phase: 'end', step_id: data.stepId, duration_ms: data.durationMs };
}

function llmCallEnd(data: { model?: string; callId?: string; durationMs?: number }): object {
  return { node_name: data.model ?? 'llm-call', phase: 'end', step_id: data.callId, duration_ms: data.durationMs };
}

interface ToolCall {
  tool: string;
  callId?: string;
  input?: JsonValue;
  output?: JsonValue;
  error?: ErrorFacts;
  durationMs?: number;
}

function toolCall(phase: 'start' | 'end', { tool, callId, input, output, error, durationMs }: ToolCall): object {
  return {
    tool_name: tool,
    phase,
    call_id: callId,
    input_preview: input === undefined ? undefined : preview(input, PREVIEW_CHARACTERS),
    output_preview: output === undefined ? undefined : preview(output, PREVIEW_CHARACTERS),
    duration_ms: durationMs,
    error,
  };
}

function failure({ type, message }: ErrorFacts, traceback?: string): object {
  return { error_type: type, error_message: message, traceback };
}

function counted(usage: Usage = {}): object {
  const { inputTokens, outputTokens, totalTokens, costUsd } = usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: totalTokens,
    cost_usd: costUsd,
  };
}
