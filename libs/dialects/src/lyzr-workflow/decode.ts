import { timestampFromUnixSeconds, type ErrorFacts, type JsonValue } from '@runcast/run-events';
import { composeEvent, type Fact } from '../compose-event.ts';
import type { DecodeContext, Decoded, Hints, WireText } from '../dialect.ts';
import { errorFacts } from '../error-facts.ts';
import { check, readWire, type Read } from '../read-wire.ts';
import { workflowRunId } from './run-names.ts';
import { incoming, shapes, type EventType, type Incoming, type Shape } from './wire.ts';

export function decode(wire: WireText, context: DecodeContext): Decoded {
  const read = readWire(wire, incoming);
  if (!read.ok) return read;
  const body = read.value;
  const fact = factOf(body);
  if (!fact.ok) return fact;
  const flow = body.flow_name ?? context.hints?.flow;
  const runName = body.run_name ?? context.hints?.run;
  const fields = { run: 'run_name', type: 'event_type' };
  return composeEvent({ dialect: 'lyzr-workflow', wire, context: withoutRunHint(context), fields }, fact.value, {
    run: flow === undefined || runName === undefined ? undefined : workflowRunId({ flow, runName }),
    flow,
    occurredAt: body.timestamp == null ? undefined : timestampFromUnixSeconds(body.timestamp),
  });
}

/** The run of a path is their run name, which is not a run id of ours until it is joined with the flow. */
function withoutRunHint(context: DecodeContext): DecodeContext {
  const { flow, session, agent } = context.hints ?? {};
  const hints: Hints = {
    ...(flow !== undefined && { flow }),
    ...(session !== undefined && { session }),
    ...(agent !== undefined && { agent }),
  };
  return { ...context, hints };
}

function factOf(body: Incoming): Read<Fact> {
  const type = body.event_type;
  if (!isListed(type))
    return { ok: true, value: { type: `lyzr-workflow.${type}`, data: body as Record<string, JsonValue> } };
  const shaped = check(body, shapes[type]);
  return shaped.ok ? { ok: true, value: readers[type](body as never) } : shaped;
}

function isListed(type: string): type is EventType {
  return Object.hasOwn(shapes, type);
}

const readers: { [T in EventType]: (body: Shape<T>) => Fact } = {
  flow_started: (body) => ({ type: 'run.started', data: { message: body.message ?? undefined } }),
  task_started: (body) => ({ type: 'step.started', data: { ...task(body), input: body.input } }),
  task_completed: (body) => ({
    type: 'step.completed',
    data: { ...task(body), output: body.output, durationMs: milliseconds(body.execution_time) },
  }),
  task_failed: (body) => ({
    type: 'step.failed',
    data: { ...task(body), ...failure(body), durationMs: milliseconds(body.execution_time) },
  }),
  flow_completed: (body) => ({
    type: 'run.completed',
    data: { output: body.output, durationMs: milliseconds(body.total_execution_time) },
  }),
  flow_error: (body) => ({ type: 'run.failed', data: failure(body) }),
};

function task(body: { task_name: string; task_id?: string | null | undefined }) {
  return { step: body.task_name, stepId: body.task_id ?? undefined };
}

function failure(body: Shape<'flow_error'>): { error: ErrorFacts; partialOutput: JsonValue | undefined } {
  return { error: errorFacts(body.error, `${body.event_type} without a message`), partialOutput: body.partial_results };
}

/** Their times are in seconds. Rounded to the microsecond, so that 1.777 s is 1777 ms and not 1776.9999. */
function milliseconds(seconds: number | null | undefined): number | undefined {
  return seconds == null ? undefined : Math.round(seconds * 1e6) / 1e3;
}
