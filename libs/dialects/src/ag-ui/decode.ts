import { isCanonicalEventType, isJsonObject, timestampFromUnixSeconds, type JsonObject } from '@runcast/run-events';
import { composeEvent, type Fact } from '../compose-event.ts';
import type { DecodeContext, Decoded, WireText } from '../dialect.ts';
import { eventData } from '../event-data.ts';
import { check, readWire, type Read } from '../read-wire.ts';
import { usageOf } from '../usage-of.ts';
import { incoming, isListed, shapes, type EventType, type Incoming, type Shape } from './wire.ts';

/** Only the events that frame a run name it; for the others the hints must. */
export function decode(wire: WireText, context: DecodeContext): Decoded {
  const read = readWire(wire, incoming);
  if (!read.ok) return read;
  const body = read.value;
  const fact = factOf(body);
  if (!fact.ok) return fact;
  const fields = { run: 'runId', type: 'type' };
  const run = body.runId ?? context.hints?.run;
  return composeEvent({ dialect: 'ag-ui', wire, context, fields }, fact.value, {
    run,
    // A run without a session is encoded as a thread of its own, and comes back without one.
    session: body.threadId === run ? undefined : body.threadId,
    occurredAt: body.timestamp == null ? undefined : timestampFromUnixSeconds(body.timestamp / 1000),
  });
}

function factOf(body: Incoming): Read<{ type: string; data: object }> {
  if (!isListed(body.type)) return { ok: true, value: kept(body) };
  const shaped = check(body, shapes[body.type]);
  if (!shaped.ok) return shaped;
  return { ok: true, value: body.type === 'CUSTOM' ? custom(body) : readers[body.type](body as never) };
}

function kept(body: object): Fact {
  const { type } = body as { type: string };
  return { type: `ag-ui.${type}`, data: body as JsonObject };
}

const readers: { [T in Exclude<EventType, 'CUSTOM'>]: (body: Shape<T>) => Fact } = {
  RUN_STARTED: ({ input }) => ({ type: 'run.started', data: { input } }),
  RUN_FINISHED: runFinished,
  RUN_ERROR: ({ message, code }) => ({
    type: 'run.failed',
    data: { error: code == null ? { message } : { message, code } },
  }),
  STEP_STARTED: ({ stepName }) => ({ type: 'step.started', data: { step: stepName } }),
  STEP_FINISHED: ({ stepName }) => ({ type: 'step.completed', data: { step: stepName } }),
  TEXT_MESSAGE_CONTENT: ({ messageId, delta }) => ({ type: 'message.delta', data: { text: delta, messageId } }),
  TEXT_MESSAGE_CHUNK: ({ messageId, delta }) => ({
    type: 'message.delta',
    data: { text: delta ?? '', messageId: messageId ?? undefined },
  }),
  REASONING_MESSAGE_CONTENT: ({ delta }) => ({ type: 'reasoning.emitted', data: { text: delta } }),
  THINKING_TEXT_MESSAGE_CONTENT: ({ delta }) => ({ type: 'reasoning.emitted', data: { text: delta } }),
  TOOL_CALL_START: ({ toolCallId, toolCallName }) => ({
    type: 'tool-call.started',
    data: { tool: toolCallName, callId: toolCallId },
  }),
  TOOL_CALL_RESULT: toolResult,
};

/** An interrupt ends their run, not ours: the resumed one goes on under the same run where its sender says so. */
function runFinished({ result, outcome, usage }: Shape<'RUN_FINISHED'>): Fact {
  if (outcome?.type === 'cancelled') return { type: 'run.cancelled', data: {} };
  if (outcome?.type === 'interrupt') {
    const [first] = outcome.interrupts ?? [];
    const question = first?.message ?? first?.reason ?? 'input is needed';
    return { type: 'human-input.requested', data: { question, requestId: first?.id } };
  }
  const total = (key: 'inputTokens' | 'outputTokens' | 'totalTokens') => {
    const counts = (usage ?? []).flatMap((entry) => entry[key] ?? []);
    return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
  };
  const summed = {
    inputTokens: total('inputTokens'),
    outputTokens: total('outputTokens'),
    totalTokens: total('totalTokens'),
  };
  return {
    type: 'run.completed',
    data: { output: result, usage: usageOf(summed), model: usage?.[0]?.model ?? undefined },
  };
}

/** A result names the call only; ours carry the tool and whether it failed in the event's open metadata. */
function toolResult({ toolCallId, content, metadata }: Shape<'TOOL_CALL_RESULT'>): Fact {
  const { tool, failed } = metadata ?? {};
  const data = { tool: typeof tool === 'string' ? tool : toolCallId, callId: toolCallId, output: content };
  return failed === true ? { type: 'tool-call.failed', data } : { type: 'tool-call.completed', data };
}

/** CUSTOM is the protocol's own way to carry what it has no word for; under our type names it is our data. */
function custom(body: object): { type: string; data: object } {
  const { name, value } = body as Shape<'CUSTOM'>;
  const ours = isCanonicalEventType(name) && isJsonObject(value) && eventData[name].safeParse(value).success;
  return ours ? { type: name, data: value } : kept(body);
}
