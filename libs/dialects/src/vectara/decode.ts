import { parseTimestamp, type JsonObject } from '@runcast/run-events';
import { composeEvent, type Fact } from '../compose-event.ts';
import type { DecodeContext, Decoded, WireText } from '../dialect.ts';
import { check, readWire, type Read } from '../read-wire.ts';
import { incoming, isListed, shapes, type EventType, type Incoming, type Shape } from './wire.ts';

/**
 * Their events know a session and no run. One turn is a run where the hints name it; else the whole session is one.
 */
export function decode(wire: WireText, context: DecodeContext): Decoded {
  const read = readWire(wire, incoming);
  if (!read.ok) return read;
  const body = read.value;
  const fact = factOf(body);
  if (!fact.ok) return fact;
  const session = body.session_key ?? context.hints?.session;
  const fields = { run: 'session_key', type: 'type' };
  return composeEvent({ dialect: 'vectara', wire, context, fields }, fact.value, {
    id: body.id,
    run: context.hints?.run ?? session,
    session,
    agent: body.agent_key,
    occurredAt: body.created_at == null ? undefined : parseTimestamp(body.created_at),
  });
}

function factOf(body: Incoming): Read<Fact> {
  if (!isListed(body.type)) return { ok: true, value: { type: `vectara.${body.type}`, data: body as JsonObject } };
  const shaped = check(body, shapes[body.type]);
  return shaped.ok ? { ok: true, value: readers[body.type](body as never) } : shaped;
}

const readers: { [T in EventType]: (body: Shape<T>) => Fact } = {
  input_message: ({ messages }) => ({
    type: 'message.received',
    data: {
      messages: messages.map(({ type, content, ...rest }) => ({
        type,
        content: content === undefined ? (rest as JsonObject) : content,
      })),
    },
  }),
  thinking: ({ content }) => ({ type: 'reasoning.emitted', data: { text: content ?? '' } }),
  tool_input: (body) => ({ type: 'tool-call.started', data: { ...called(body), input: body.tool_input } }),
  tool_output: (body) => {
    const data = { ...called(body), output: body.tool_output };
    return body.error === true ? { type: 'tool-call.failed', data } : { type: 'tool-call.completed', data };
  },
  agent_output: ({ content }) => ({ type: 'message.sent', data: { content } }),
  structured_output: ({ content }) => ({ type: 'message.sent', data: { content } }),
  artifact_upload: ({ artifacts }) => ({ type: 'artifact.created', data: { artifacts } }),
  step_transition: ({ to_step }) => ({ type: 'step.started', data: { step: to_step } }),
  step_transition_limit_exceeded: warning('step transition limit exceeded'),
  context_limit_exceeded: warning('context limit exceeded'),
  session_interrupted: ({ message }) => ({ type: 'run.cancelled', data: { reason: message ?? undefined } }),
  streaming_agent_output: ({ content }) => ({ type: 'message.delta', data: { text: content ?? '' } }),
  error: ({ messages }) => ({ type: 'run.failed', data: { error: { message: messages?.join('; ') || 'error' } } }),
  end: () => ({ type: 'run.completed', data: {} }),
};

function called(body: { tool_name: string; tool_call_id?: string | null | undefined }) {
  return { tool: body.tool_name, callId: body.tool_call_id ?? undefined };
}

function warning(otherwise: string) {
  return ({ message }: { message?: string | null | undefined }): Fact => ({
    type: 'warning.raised',
    data: { message: message ?? otherwise },
  });
}
