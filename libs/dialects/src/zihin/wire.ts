import * as z from 'zod';
import { bool, costUsd, count, duration, id, instant, json, object, text } from '../fields.ts';

/**
 * One recorded event of either stream: the SSE event's name and data, and beside them the ids that the stream's URL
 * and first event hold. Ids are taken in both spellings, so that whoever records need not translate them.
 */
export const incoming = object({
  /** Absent on the `[DONE]` that closes the agent stream. */
  event: id.optional(),
  data: json,
  executionId: id.nullish(),
  execution_id: id.nullish(),
  request_id: id.nullish(),
  sessionId: id.nullish(),
  session_id: id.nullish(),
  agentId: id.nullish(),
  agent_id: id.nullish(),
  timestamp: instant.nullish(),
});
export type Incoming = z.input<typeof incoming>;

export const DONE = '[DONE]';

const liveUsage = object({
  inputTokens: count.nullish(),
  outputTokens: count.nullish(),
  totalTokens: count.nullish(),
  costUsd: costUsd.nullish(),
});
const streamUsage = object({
  input_tokens: count.nullish(),
  output_tokens: count.nullish(),
  total_tokens: count.nullish(),
  cost_usd: costUsd.nullish(),
});

/** `GET /api/v1/sessions/:executionId/live`, camelCase. */
export const live = {
  snapshot: object({ executionId: id, phase: text.nullable(), agentId: id.nullable(), startedAt: instant }),
  'session:start': object({
    tenantId: id.nullish(),
    agentId: id.nullish(),
    userId: text.nullish(),
    source: text.nullish(),
  }),
  'session:phase': object({ phase: text }),
  'session:tool': object({ tool: text, success: bool, result: json.optional() }),
  'session:thinking': object({ thought: text }),
  'session:linked': object({ sessionId: id }),
  'session:complete': object({
    contentPreview: text.nullish(),
    // Their page names no members of it; the agent stream's usage is in snake_case.
    usage: z.intersection(liveUsage, streamUsage).nullish(),
    iterations: count.nullish(),
    executionTimeMs: duration.nullish(),
  }),
  'session:error': object({ error: json.optional() }),
};

/** `POST /api/v2/agents/:agent_id/stream`, snake_case. */
export const stream = {
  metadata: object({ request_id: id, agent_id: id.nullish(), session_id: id.nullish(), tenant_id: id.nullish() }),
  status: object({ phase: text, timestamp: instant.nullish() }),
  attachments: object({ processed: json, errors: json.optional() }),
  phase: object({ phase: text }),
  tool: object({ tool: text, call_id: text.nullish(), success: bool, result_summary: json.optional() }),
  thinking: object({ thought: text }),
  response: object({ content: json, sources: json.optional() }),
  metrics: object({
    usage: streamUsage.nullish(),
    iterations: count.nullish(),
    execution_time_ms: duration.nullish(),
  }),
  warning: object({ message: text }),
  error: object({ code: text.nullish(), message: text }),
};

export const shapes = { ...live, ...stream };
export type EventName = keyof typeof shapes;
export type Shape<N extends EventName> = z.input<(typeof shapes)[N]>;

export function isListed(name: string): name is EventName {
  return Object.hasOwn(shapes, name);
}

/** The frames of one of the two streams, in recorded form. */
function framesOf(events: Record<string, z.ZodType>) {
  const named = Object.entries(events).map(([name, data]) => object({ event: z.literal(name), data }));
  return z.union([object({ data: z.literal(DONE) }), ...named]);
}
export const outgoing = framesOf(live);
export const outgoingStream = framesOf(stream);
