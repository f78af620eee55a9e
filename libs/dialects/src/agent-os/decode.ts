import { parseTimestamp, type JsonObject } from '@runcast/run-events';
import { composeEvent, type Fact } from '../compose-event.ts';
import type { DecodeContext, Decoded, WireText } from '../dialect.ts';
import { errorFacts } from '../error-facts.ts';
import { readWire } from '../read-wire.ts';
import { usageOf } from '../usage-of.ts';
import { incoming, type Incoming, type Payload } from './wire.ts';

export function decode(wire: WireText, context: DecodeContext): Decoded {
  const read = readWire(wire, incoming);
  if (!read.ok) return read;
  const body = read.value;
  const fields = { run: 'sdk_run_id', type: 'event_type' };
  return composeEvent({ dialect: 'agent-os', wire, context, fields }, factOf(body), {
    id: body.event_id,
    run: body.sdk_run_id,
    session: body.session_id ?? nestedSession(body.payload),
    agent: body.agent_name,
    occurredAt: body.occurred_at == null ? undefined : parseTimestamp(body.occurred_at),
  });
}

function factOf(body: Incoming): Fact {
  switch (body.event_type) {
    case 'run_start': {
      const { framework, input } = body.payload;
      return { type: 'run.started', data: { framework: framework ?? undefined, input } };
    }
    case 'step':
      return step(body.payload);
    case 'tool_call':
      return toolCall(body.payload);
    case 'human_input_requested': {
      const { question, context, channel, request_id } = body.payload;
      const requestId = request_id ?? undefined;
      return { type: 'human-input.requested', data: { question, context, channel: channel ?? undefined, requestId } };
    }
    case 'human_input_received': {
      const { response, responded_by, request_id } = body.payload;
      const data = { response, respondedBy: responded_by ?? undefined, requestId: request_id ?? undefined };
      return { type: 'human-input.received', data };
    }
    case 'run_end':
      return runEnd(body.payload);
    case 'error':
      return failure(body.payload);
  }
}

function step(payload: Payload<'step'>): Fact {
  const { input, output, error } = payload;
  const named = { step: payload.node_name ?? payload.node ?? '', stepId: payload.step_id ?? undefined };
  if (payload.phase === 'start') return { type: 'step.started', data: { ...named, input } };
  const durationMs = payload.duration_ms ?? undefined;
  if (error == null) return { type: 'step.completed', data: { ...named, output, durationMs } };
  const data = { ...named, error: errorFacts(error, 'the step failed'), durationMs, partialOutput: output };
  return { type: 'step.failed', data };
}

function toolCall(payload: Payload<'tool_call'>): Fact {
  const { input_preview: input, output_preview: output, error } = payload;
  const named = { tool: payload.tool_name, callId: payload.call_id ?? undefined, input };
  if (payload.phase === 'start') return { type: 'tool-call.started', data: named };
  const ended = { ...named, output, durationMs: payload.duration_ms ?? undefined };
  if (error == null) return { type: 'tool-call.completed', data: ended };
  return { type: 'tool-call.failed', data: { ...ended, error: errorFacts(error, 'the tool call failed') } };
}

function runEnd(payload: Payload<'run_end'>): Fact {
  const usage = usageOf({
    inputTokens: payload.prompt_tokens,
    outputTokens: payload.completion_tokens,
    totalTokens: payload.total_tokens,
    costUsd: payload.cost_usd,
  });
  return { type: 'run.completed', data: { output: payload.output, usage, model: payload.model ?? undefined } };
}

function failure({ error_type, error_message, traceback }: Payload<'error'>): Fact {
  const error = errorFacts({ message: error_message ?? null, type: error_type ?? null }, error_type ?? 'error');
  return { type: 'run.failed', data: { error, traceback: traceback ?? undefined } };
}

/** SDK users put the session into the payload, where they are free to add fields. */
function nestedSession(payload: JsonObject | object): string | undefined {
  const session: unknown = (payload as JsonObject)['session_id'];
  return typeof session === 'string' ? session : undefined;
}
