import { oneLine, type CanonicalEvent, type JsonValue, type RecordedEvent } from '@runcast/run-events';
import { asCanonical } from '../canonical.ts';
import { frameOf, type Frame } from '../dialect.ts';
import { textOf } from '../text-of.ts';

export function encode(event: RecordedEvent): Frame[] {
  if (event.dialect === 'vectara') return [{ data: oneLine(event.raw) }];
  const canonical = asCanonical(event);
  const said = canonical && say(canonical);
  if (!said) return [];
  const { type, ...more } = said;
  // Their sessions are what a run without a session is in our words.
  const session_key = event.session ?? event.run;
  return [frameOf({ id: event.id, session_key, type, ...more, created_at: event.occurredAt })];
}

type Said = { type: string } & Record<string, unknown>;

function say(event: CanonicalEvent): Said | undefined {
  switch (event.type) {
    case 'run.started':
      return inputMessage(event.data.message ?? event.data.input);
    case 'run.completed':
      return event.data.output === undefined ? undefined : agentOutput(event.data.output);
    case 'run.failed':
      return { type: 'error', messages: [event.data.error.message] };
    case 'run.went-stale':
      return { type: 'error', messages: [`no event for ${event.data.idleMs} ms`] };
    case 'run.cancelled':
      return { type: 'session_interrupted', message: event.data.reason };
    case 'step.started':
      return { type: 'step_transition', from_step: null, to_step: event.data.step };
    case 'tool-call.started':
      return { type: 'tool_input', ...called(event), tool_input: event.data.input ?? {} };
    case 'tool-call.completed':
      return { type: 'tool_output', ...called(event), tool_output: event.data.output ?? {}, error: false };
    case 'tool-call.failed': {
      const tool_output = event.data.output ?? { error: event.data.error?.message ?? 'the tool call failed' };
      return { type: 'tool_output', ...called(event), tool_output, error: true };
    }
    case 'message.received':
      return { type: 'input_message', messages: event.data.messages };
    case 'message.sent':
      return agentOutput(event.data.content);
    case 'message.delta':
      return { type: 'streaming_agent_output', content: event.data.text };
    case 'reasoning.emitted':
      return { type: 'thinking', content: event.data.text };
    case 'artifact.created':
      return { type: 'artifact_upload', artifacts: event.data.artifacts };
    default:
      return undefined;
  }
}

function inputMessage(input: JsonValue | undefined): Said | undefined {
  if (input === undefined) return undefined;
  return { type: 'input_message', messages: [{ type: 'text', content: textOf(input) }] };
}

function agentOutput(content: JsonValue): Said {
  return { type: 'agent_output', content: textOf(content) };
}

/** A call id is required by theirs; the event's own id stands in for one that is missing. */
function called(event: Extract<CanonicalEvent, { data: { tool: string } }>) {
  const { tool, callId } = event.data;
  return { tool_call_id: callId ?? event.id, tool_configuration: tool, tool_configuration_name: tool, tool_name: tool };
}
