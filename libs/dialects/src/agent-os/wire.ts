import * as z from 'zod';
import { costUsd, count, duration, id, instant, json, object, text } from '../fields.ts';

const phase = z.enum(['start', 'end'], 'start or end').nullish();

const payloads = {
  run_start: object({ framework: text.nullish(), input: json.optional() }),
  step: object({
    // The reference says node_name, the SDK's own samples say node.
    node_name: text.optional(),
    node: text.optional(),
    phase,
    duration_ms: duration.nullish(),
    input: json.optional(),
    output: json.optional(),
    error: json.optional(),
    step_id: text.nullish(),
  }).refine((step) => (step.node_name ?? step.node) !== undefined, { path: ['node_name'], error: 'a string' }),
  tool_call: object({
    tool_name: text,
    phase,
    input_preview: json.optional(),
    output_preview: json.optional(),
    duration_ms: duration.nullish(),
    error: json.optional(),
    call_id: text.nullish(),
  }),
  human_input_requested: object({
    question: text,
    context: json.optional(),
    channel: text.nullish(),
    request_id: text.nullish(),
  }),
  human_input_received: object({ response: json, responded_by: text.nullish(), request_id: text.nullish() }),
  run_end: object({
    output: json.optional(),
    prompt_tokens: count.nullish(),
    completion_tokens: count.nullish(),
    total_tokens: count.nullish(),
    cost_usd: costUsd.nullish(),
    model: text.nullish(),
  }),
  // All optional: the event that ends a run is not refused for what it leaves out.
  error: object({ error_type: text.nullish(), error_message: text.nullish(), traceback: text.nullish() }),
};

type EventType = keyof typeof payloads;
export type Payload<T extends EventType> = z.input<(typeof payloads)[T]>;

function event<T extends EventType>(type: T) {
  return object({
    event_type: z.literal(type),
    sdk_run_id: id,
    payload: payloads[type],
    agent_name: id.nullish(),
    session_id: id.nullish(),
    event_id: id.nullish(),
    occurred_at: instant.nullish(),
  });
}

/** The seven types of the vendor. Closed: another word is most likely a typing error. */
export const incoming = z.discriminatedUnion(
  'event_type',
  [
    event('run_start'),
    event('step'),
    event('tool_call'),
    event('human_input_requested'),
    event('human_input_received'),
    event('run_end'),
    event('error'),
  ],
  `one of ${Object.keys(payloads).join(', ')}`,
);
export type Incoming = z.input<typeof incoming>;

export const outgoing = incoming;
