import type { CanonicalEventType, ErrorFacts, EventData, JsonObject, JsonValue, Usage } from '@runcast/run-events';
import type { SdkEventType } from '../sending/outgoing.ts';
import { preview } from '../plain-json.ts';

/** The event types that a LangGraph run gives rise to, with their data. */
export type TracedEvent = {
  [T in CanonicalEventType]: { readonly type: T; readonly data: EventData[T] };
}[CanonicalEventType];

export interface SdkBody {
  readonly event_type: SdkEventType;
  readonly payload: JsonObject;
}

/**
 * An event in the words of the agent-os SDK. `undefined` for what its seven types cannot say: model calls, whose
 * tokens it knows only as the total in `run_end`.
 *
 * A failed step or tool call is the end of that step or call: the SDK's `error` would end the run. What the SDK has
 * no field for (ids that pair a start with its end, a step's error) goes into fields of the payload that it leaves free.
 */
export function toSdkBody(event: TracedEvent): SdkBody | undefined {
  switch (event.type) {
    case 'run.started':
      return body('run_start', { framework: event.data.framework, input: event.data.input });
    case 'run.completed':
      return body('run_end', { output: event.data.output, ...usageWords(event.data.usage), model: event.data.model });
    case 'run.failed': {
      const { error, traceback } = event.data;
      return body('error', { error_type: error.type, error_message: error.message, traceback });
    }
    case 'step.started':
      return step('start', event.data);
    case 'step.completed':
      return step('end', event.data, { output: event.data.output });
    case 'step.failed':
      return step('end', event.data, { error: { ...event.data.error } });
    case 'tool-call.started':
      return toolCall('start', event.data);
    case 'tool-call.completed':
      return toolCall('end', event.data, { output_preview: outputPreview(event.data.output) });
    case 'tool-call.failed': {
      const { error } = event.data;
      return toolCall('end', event.data, { output_preview: error && errorText(error), error: error && { ...error } });
    }
    case 'human-input.requested': {
      const { question, context, channel, requestId } = event.data;
      return body('human_input_requested', { question, context, channel, request_id: requestId });
    }
    case 'human-input.received':
      return body('human_input_received', { response: event.data.response, responded_by: event.data.respondedBy });
    default:
      return undefined;
  }
}

type Payload = Record<string, JsonValue | undefined>;

function body(event_type: SdkEventType, payload: Payload): SdkBody {
  const given = Object.entries(payload).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
  return { event_type, payload: Object.fromEntries(given) };
}

interface StepFacts {
  readonly step: string;
  readonly stepId?: string;
  readonly durationMs?: number;
}

function step(
  phase: 'start' | 'end',
  { step: node_name, stepId, durationMs }: StepFacts,
  outcome: Payload = {},
): SdkBody {
  return body('step', { node_name, phase, step_id: stepId, duration_ms: durationMs, ...outcome });
}

interface ToolFacts {
  readonly tool: string;
  readonly callId?: string;
  readonly input?: JsonValue;
  readonly durationMs?: number;
}

function toolCall(phase: 'start' | 'end', data: ToolFacts, outcome: Payload = {}): SdkBody {
  const { tool: tool_name, callId, input, durationMs } = data;
  const input_preview = input === undefined ? undefined : preview(input);
  return body('tool_call', { tool_name, phase, call_id: callId, input_preview, duration_ms: durationMs, ...outcome });
}

function outputPreview(output: JsonValue | undefined): string | undefined {
  return output === undefined ? undefined : preview(output);
}

function usageWords(usage: Usage | undefined): Payload {
  return {
    prompt_tokens: usage?.inputTokens,
    completion_tokens: usage?.outputTokens,
    total_tokens: usage?.totalTokens,
    cost_usd: usage?.costUsd,
  };
}

function errorText({ type, message }: ErrorFacts): string {
  return preview(type === undefined ? message : `${type}: ${message}`);
}
