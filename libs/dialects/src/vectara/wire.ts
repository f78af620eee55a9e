import * as z from 'zod';
import { bool, count, id, instant, json, object, text } from '../fields.ts';

const envelope = {
  type: id,
  id: id.nullish(),
  session_key: id.nullish(),
  agent_key: id.nullish(),
  created_at: instant.nullish(),
};
const toolCall = { tool_call_id: text.nullish(), tool_name: text };

export const incoming = object(envelope);
export type Incoming = z.input<typeof incoming>;

const message = object({ type: text, content: json.optional() });

/** The types that mean something to us; the rest is kept under its own name. */
export const shapes = {
  input_message: object({ messages: z.array(message, 'an array of messages') }),
  thinking: object({ content: text.nullish() }),
  tool_input: object({ ...toolCall, tool_input: json.optional() }),
  tool_output: object({ ...toolCall, tool_output: json.optional(), error: bool.nullish() }),
  agent_output: object({ content: json }),
  structured_output: object({ content: json }),
  artifact_upload: object({ artifacts: json }),
  step_transition: object({ to_step: text }),
  step_transition_limit_exceeded: object({ message: text.nullish() }),
  context_limit_exceeded: object({ message: text.nullish() }),
  session_interrupted: object({ message: text.nullish() }),
  streaming_agent_output: object({ content: text.nullish() }),
  error: object({ messages: z.array(text).nullish() }),
  end: object({}),
};
export type EventType = keyof typeof shapes;
export type Shape<T extends EventType> = z.input<(typeof shapes)[T]>;

export function isListed(type: string): type is EventType {
  return Object.hasOwn(shapes, type);
}

/** Types that their streaming response has and their list has not. A list leaves them out. */
export const STREAM_ONLY_TYPES: readonly string[] = [
  'streaming_agent_output',
  'streaming_agent_output_end',
  'streaming_thinking',
  'streaming_thinking_end',
  'context_consumed',
  'compaction_started',
  'error',
  'end',
];

const base = { id, session_key: id, created_at: instant };
// The guide and the specification disagree about the name, so clients of both must find theirs.
const tool = { tool_call_id: text, tool_name: text, tool_configuration: text, tool_configuration_name: text };

/** What their clients read, event by event. */
export const outgoing = z.discriminatedUnion('type', [
  object({ ...base, type: z.literal('input_message'), messages: z.array(object({ type: text, content: json })) }),
  object({ ...base, type: z.literal('thinking'), content: text }),
  object({ ...base, type: z.literal('tool_input'), ...tool, tool_input: json }),
  object({ ...base, type: z.literal('tool_output'), ...tool, tool_output: json, error: bool }),
  object({ ...base, type: z.literal('agent_output'), content: text }),
  object({ ...base, type: z.literal('artifact_upload'), artifacts: json }),
  object({ ...base, type: z.literal('image_read'), artifact_id: text, detail: text.optional() }),
  object({ ...base, type: z.literal('structured_output'), schema_name: text.optional(), content: json }),
  object({ ...base, type: z.literal('skill_load') }),
  object({ ...base, type: z.literal('step_transition'), to_step: text, from_step: text.nullish() }),
  object({ ...base, type: z.literal('step_transition_limit_exceeded') }),
  object({ ...base, type: z.literal('session_interrupted') }),
  object({
    ...base,
    type: z.literal('compaction'),
    turns_compacted: count.optional(),
    events_compacted: count.optional(),
  }),
  object({
    ...base,
    type: z.literal('context_limit_exceeded'),
    context_limit: count.optional(),
    actual_tokens: count.optional(),
  }),
  object({ ...base, type: z.literal('streaming_agent_output'), content: text }),
  object({ ...base, type: z.literal('error'), messages: z.array(text) }),
  object({ ...base, type: z.literal('end') }),
]);
