import type { CanonicalEventType, EventData } from '@runcast/run-events';
import * as z from 'zod';
import { costUsd, count, duration, instant, json, object, text } from './fields.ts';

const maybe = <S extends z.ZodType>(schema: S) => schema.exactOptional();

const usage = object({
  inputTokens: maybe(count),
  outputTokens: maybe(count),
  totalTokens: maybe(count),
  costUsd: maybe(costUsd),
});
const error = object({ message: text, type: maybe(text), code: maybe(text), details: maybe(json) });
const nothing = object({});

/**
 * The data of each canonical type as a schema: what our own dialect asks of a sender, and how other dialects recognise
 * data that travelled under our own names. Members that are not listed pass.
 */
export const eventData = {
  'run.started': object({
    framework: maybe(text),
    input: maybe(json),
    source: maybe(text),
    userId: maybe(text),
    message: maybe(text),
  }),
  'run.completed': object({
    output: maybe(json),
    usage: maybe(usage),
    model: maybe(text),
    durationMs: maybe(duration),
    iterations: maybe(count),
  }),
  'run.failed': object({
    error,
    traceback: maybe(text),
    partialOutput: maybe(json),
    durationMs: maybe(duration),
  }),
  'run.cancelled': object({ reason: maybe(text) }),
  'run.went-stale': object({ idleMs: duration }),
  'run.heartbeat': nothing,
  'run.phase-changed': object({ phase: text }),
  'session.linked': nothing,
  'step.started': object({ step: text, stepId: maybe(text), input: maybe(json) }),
  'step.completed': object({ step: text, stepId: maybe(text), output: maybe(json), durationMs: maybe(duration) }),
  'step.failed': object({
    step: text,
    stepId: maybe(text),
    error,
    durationMs: maybe(duration),
    partialOutput: maybe(json),
  }),
  'tool-call.started': object({ tool: text, callId: maybe(text), input: maybe(json) }),
  'tool-call.completed': object({
    tool: text,
    callId: maybe(text),
    input: maybe(json),
    output: maybe(json),
    durationMs: maybe(duration),
  }),
  'tool-call.failed': object({
    tool: text,
    callId: maybe(text),
    input: maybe(json),
    output: maybe(json),
    error: maybe(error),
    durationMs: maybe(duration),
  }),
  'llm-call.started': object({ model: maybe(text), provider: maybe(text), callId: maybe(text), input: maybe(json) }),
  'llm-call.completed': object({
    model: maybe(text),
    provider: maybe(text),
    callId: maybe(text),
    output: maybe(json),
    usage: maybe(usage),
    durationMs: maybe(duration),
  }),
  'llm-call.failed': object({
    model: maybe(text),
    provider: maybe(text),
    callId: maybe(text),
    error,
    durationMs: maybe(duration),
  }),
  'message.received': object({ messages: z.array(object({ type: text, content: json }), 'an array of messages') }),
  'message.sent': object({ content: json, messageId: maybe(text), sources: maybe(json) }),
  'message.delta': object({ text, messageId: maybe(text) }),
  'reasoning.emitted': object({ text }),
  'human-input.requested': object({
    question: text,
    context: maybe(json),
    channel: maybe(text),
    requestId: maybe(text),
    expiresAt: maybe(instant),
  }),
  'human-input.received': object({
    response: json,
    respondedBy: maybe(text),
    requestId: maybe(text),
    keyId: maybe(text),
  }),
  'usage.reported': object({ usage, iterations: maybe(count), durationMs: maybe(duration) }),
  'attachments.processed': object({ processed: json, errors: maybe(json) }),
  'artifact.created': object({ artifacts: json }),
  'warning.raised': object({ message: text }),
} satisfies { [T in CanonicalEventType]: z.ZodType<EventData[T]> };

type Known<T> = keyof { [K in keyof T as string extends K ? never : K]: T[K] };
type Unlisted = {
  [T in CanonicalEventType]: Exclude<keyof EventData[T], Known<z.output<(typeof eventData)[T]>>>;
}[CanonicalEventType];
/** Does not compile when EventData has a member that no schema above checks. */
true satisfies [Unlisted] extends [never] ? true : false;
