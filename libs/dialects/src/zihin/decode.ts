import { isJsonObject, parseTimestamp, type ErrorFacts, type JsonValue } from '@runcast/run-events';
import { composeEvent, type Fact } from '../compose-event.ts';
import type { DecodeContext, Decoded, WireText } from '../dialect.ts';
import { errorFacts } from '../error-facts.ts';
import { check, readWire, type Read } from '../read-wire.ts';
import { usageOf } from '../usage-of.ts';
import { DONE, incoming, isListed, shapes, type EventName, type Incoming, type Shape } from './wire.ts';

export function decode(wire: WireText, context: DecodeContext): Decoded {
  const read = readWire(wire, incoming);
  if (!read.ok) return read;
  const body = read.value;
  const fact = factOf(body);
  if (!fact.ok) return fact;
  const fields = { run: 'executionId', type: 'event' };
  return composeEvent({ dialect: 'zihin', wire, context, fields }, fact.value, idsOf(body));
}

/** Beside the event, or inside the data of the three events that announce them. */
function idsOf(body: Incoming) {
  const data = (isListed(body.event ?? '') && isJsonObject(body.data) ? body.data : {}) as Record<
    string,
    string | null
  >;
  const occurredAt = body.timestamp ?? data['timestamp'];
  return {
    run: body.executionId ?? body.execution_id ?? body.request_id ?? data['executionId'] ?? data['request_id'],
    session: body.sessionId ?? body.session_id ?? data['sessionId'] ?? data['session_id'],
    agent: body.agentId ?? body.agent_id ?? data['agentId'] ?? data['agent_id'],
    occurredAt: occurredAt == null ? undefined : parseTimestamp(occurredAt),
  };
}

function factOf({ event, data }: Incoming): Read<Fact> {
  if (event === undefined) {
    if (data === DONE) return { ok: true, value: { type: 'run.completed', data: {} } };
    return {
      ok: false,
      problems: [{ field: 'event', expected: `the event's name, or data "${DONE}"`, found: 'nothing' }],
    };
  }
  if (!isListed(event))
    return { ok: true, value: { type: `zihin.${event}`, data: isJsonObject(data) ? data : { data } } };
  const shaped = check(data, shapes[event], ['data']);
  return shaped.ok ? { ok: true, value: readers[event](data as never) } : shaped;
}

const readers: { [N in EventName]: (data: Shape<N>) => Fact } = {
  // A snapshot tells a client that connects where the run stands. It is no fact of the run.
  snapshot: (data) => ({ type: 'zihin.snapshot', data: data as Record<string, JsonValue> }),
  'session:start': ({ userId, source }) => ({
    type: 'run.started',
    data: { userId: userId ?? undefined, source: source ?? undefined },
  }),
  'session:phase': ({ phase }) => ({ type: 'run.phase-changed', data: { phase } }),
  'session:tool': ({ tool, success, result }) => toolEnd(success, { tool, output: result }),
  'session:thinking': ({ thought }) => ({ type: 'reasoning.emitted', data: { text: thought } }),
  'session:linked': () => ({ type: 'session.linked', data: {} }),
  'session:complete': ({ contentPreview, usage, iterations, executionTimeMs }) => ({
    type: 'run.completed',
    data: { output: contentPreview ?? undefined, ...metrics(usage, iterations, executionTimeMs) },
  }),
  'session:error': ({ error }) => ({ type: 'run.failed', data: { error: errorFacts(error, 'session:error') } }),
  metadata: () => ({ type: 'run.started', data: {} }),
  status: ({ phase }) => ({ type: 'run.phase-changed', data: { phase } }),
  attachments: ({ processed, errors }) => ({ type: 'attachments.processed', data: { processed, errors } }),
  phase: ({ phase }) => ({ type: 'run.phase-changed', data: { phase } }),
  tool: ({ tool, call_id, success, result_summary }) =>
    toolEnd(success, { tool, callId: call_id ?? undefined, output: result_summary }),
  thinking: ({ thought }) => ({ type: 'reasoning.emitted', data: { text: thought } }),
  response: ({ content, sources }) => ({ type: 'message.sent', data: { content, sources } }),
  metrics: ({ usage, iterations, execution_time_ms }) => {
    const measured = metrics(usage, iterations, execution_time_ms);
    return { type: 'usage.reported', data: { ...measured, usage: measured.usage ?? {} } };
  },
  warning: ({ message }) => ({ type: 'warning.raised', data: { message } }),
  error: ({ code, message }) => ({ type: 'run.failed', data: { error: coded(message, code ?? undefined) } }),
};

function toolEnd(
  success: boolean,
  data: { tool: string; callId?: string | undefined; output: JsonValue | undefined },
): Fact {
  return success ? { type: 'tool-call.completed', data } : { type: 'tool-call.failed', data };
}

function coded(message: string, code: string | undefined): ErrorFacts {
  return code === undefined ? { message } : { message, code };
}

type AnyUsage = NonNullable<Shape<'session:complete'>['usage']> | NonNullable<Shape<'metrics'>['usage']>;

function metrics(
  usage: AnyUsage | null | undefined,
  iterations: number | null | undefined,
  durationMs: number | null | undefined,
) {
  const counted = (usage ?? {}) as Record<string, number | null | undefined>;
  return {
    usage: usageOf({
      inputTokens: counted['inputTokens'] ?? counted['input_tokens'],
      outputTokens: counted['outputTokens'] ?? counted['output_tokens'],
      totalTokens: counted['totalTokens'] ?? counted['total_tokens'],
      costUsd: counted['costUsd'] ?? counted['cost_usd'],
    }),
    iterations: iterations ?? undefined,
    durationMs: durationMs ?? undefined,
  };
}
