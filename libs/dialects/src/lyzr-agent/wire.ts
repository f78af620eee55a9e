import * as z from 'zod';
import { id, instant, object, text } from '../fields.ts';

/**
 * Only what an event cannot do without. Their set of event types, levels and statuses is open, and so is the set of
 * fields: everything else is read where it has the shape we know and passed on where it has not.
 */
export const incoming = object({
  event_type: id,
  run_id: id.nullish(),
  session_id: id.nullish(),
  log_id: id.nullish(),
  agent_id: id.nullish(),
  timestamp: instant.nullish(),
});
export type Incoming = z.input<typeof incoming>;

/** What their clients read of every event. */
export const outgoing = object({
  feature: text,
  event_type: text,
  level: z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR']),
  status: z.enum(['in_progress', 'completed', 'failed']),
  message: text,
  timestamp: instant,
  run_id: id,
  trace_id: id,
  session_id: id.optional(),
  log_id: id,
  model: text.optional(),
  provider: text.optional(),
});

/** The `feature` of events that travel under our own type names, with their canonical data in `data`. */
export const OUR_FEATURE = 'runcast';
