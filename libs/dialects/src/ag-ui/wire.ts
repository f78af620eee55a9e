import * as z from 'zod';
import { count, id, json, jsonObject, object, text, unixMilliseconds } from '../fields.ts';

/** Every event has a type and may have a time; only the two that frame a run name the run and its thread. */
export const incoming = object({
  type: id,
  timestamp: unixMilliseconds.nullish(),
  runId: id.nullish(),
  threadId: id.nullish(),
});
export type Incoming = z.input<typeof incoming>;

const outcome = object({
  type: text,
  interrupts: z.array(object({ id: text, reason: text.nullish(), message: text.nullish() })).nullish(),
});
const usage = z.array(
  object({
    inputTokens: count.nullish(),
    outputTokens: count.nullish(),
    totalTokens: count.nullish(),
    model: text.nullish(),
  }),
);

/** The types that mean something to us; openers, closers and state are kept under their own names. */
export const shapes = {
  RUN_STARTED: object({ input: json.optional() }),
  RUN_FINISHED: object({ result: json.optional(), outcome: outcome.nullish(), usage: usage.nullish() }),
  RUN_ERROR: object({ message: text, code: text.nullish() }),
  STEP_STARTED: object({ stepName: text }),
  STEP_FINISHED: object({ stepName: text }),
  TEXT_MESSAGE_CONTENT: object({ messageId: text, delta: text }),
  TEXT_MESSAGE_CHUNK: object({ messageId: text.nullish(), delta: text.nullish() }),
  REASONING_MESSAGE_CONTENT: object({ delta: text }),
  THINKING_TEXT_MESSAGE_CONTENT: object({ delta: text }),
  TOOL_CALL_START: object({ toolCallId: text, toolCallName: text }),
  TOOL_CALL_RESULT: object({ toolCallId: text, content: json, metadata: jsonObject.nullish() }),
  CUSTOM: object({ name: text, value: json.optional() }),
};
export type EventType = keyof typeof shapes;
export type Shape<T extends EventType> = z.input<(typeof shapes)[T]>;

export function isListed(type: string): type is EventType {
  return Object.hasOwn(shapes, type);
}

// Their client refuses an optional member that is null, hence optional and never nullable from here on.
const base = { timestamp: z.int().optional(), metadata: jsonObject.optional() };
const inMessage = { ...base, messageId: text };
const inToolCall = { ...base, toolCallId: text };
const role = z.enum(['developer', 'system', 'assistant', 'user']).optional();
const counted = z.array(
  object({
    inputTokens: count.optional(),
    outputTokens: count.optional(),
    totalTokens: count.optional(),
    model: text.optional(),
  }),
);

/** Protocol 1.0, as far as we send it or pass it on. */
export const outgoing = z.discriminatedUnion('type', [
  object({ type: z.literal('RUN_STARTED'), ...base, threadId: id, runId: id }),
  object({
    type: z.literal('RUN_FINISHED'),
    ...base,
    threadId: id,
    runId: id,
    result: json.optional(),
    outcome: outcome.optional(),
    usage: counted.optional(),
  }),
  object({ type: z.literal('RUN_ERROR'), ...base, message: text, code: text.optional() }),
  object({ type: z.literal('STEP_STARTED'), ...base, stepName: text }),
  object({ type: z.literal('STEP_FINISHED'), ...base, stepName: text }),
  object({ type: z.literal('TEXT_MESSAGE_START'), ...inMessage, role }),
  object({ type: z.literal('TEXT_MESSAGE_CONTENT'), ...inMessage, delta: text.min(1) }),
  object({ type: z.literal('TEXT_MESSAGE_END'), ...inMessage }),
  object({ type: z.literal('TEXT_MESSAGE_CHUNK'), ...base, messageId: text.optional(), role, delta: text.optional() }),
  object({ type: z.literal('REASONING_START'), ...inMessage }),
  object({ type: z.literal('REASONING_MESSAGE_START'), ...inMessage, role: z.literal('reasoning') }),
  object({ type: z.literal('REASONING_MESSAGE_CONTENT'), ...inMessage, delta: text.min(1) }),
  object({ type: z.literal('REASONING_MESSAGE_END'), ...inMessage }),
  object({ type: z.literal('REASONING_END'), ...inMessage }),
  object({ type: z.literal('TOOL_CALL_START'), ...inToolCall, toolCallName: text, parentMessageId: text.optional() }),
  object({ type: z.literal('TOOL_CALL_ARGS'), ...inToolCall, delta: text }),
  object({ type: z.literal('TOOL_CALL_END'), ...inToolCall }),
  object({
    type: z.literal('TOOL_CALL_RESULT'),
    ...inToolCall,
    messageId: text,
    content: text,
    role: z.literal('tool').optional(),
  }),
  object({ type: z.literal('STATE_SNAPSHOT'), ...base, snapshot: json }),
  object({ type: z.literal('STATE_DELTA'), ...base, delta: z.array(json) }),
  object({ type: z.literal('MESSAGES_SNAPSHOT'), ...base, messages: z.array(json) }),
  object({ type: z.literal('RAW'), ...base, event: json }),
  object({ type: z.literal('CUSTOM'), ...base, name: text, value: json }),
]);
