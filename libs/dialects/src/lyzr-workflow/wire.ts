import * as z from 'zod';
import { duration, id, json, object, text, unixSeconds } from '../fields.ts';

/** What every event has; which event it is decides about the rest. */
const envelope = {
  event_type: id,
  flow_name: id.nullish(),
  run_name: id.nullish(),
  task_id: text.nullish(),
  timestamp: unixSeconds.nullish(),
};
const taskEnd = { task_name: text, execution_time: duration.nullish() };
// Any shape: an event that ends a run is not refused for the shape of its error.
const failure = { error: json.optional(), partial_results: json.optional() };

export const incoming = object(envelope);
export type Incoming = z.input<typeof incoming>;

export const shapes = {
  flow_started: object({ ...envelope, message: text.nullish() }),
  task_started: object({ ...envelope, task_name: text, input: json.optional() }),
  task_completed: object({ ...envelope, ...taskEnd, output: json.optional() }),
  task_failed: object({ ...envelope, ...taskEnd, ...failure }),
  flow_completed: object({ ...envelope, total_execution_time: duration.nullish(), output: json.optional() }),
  flow_error: object({ ...envelope, ...failure }),
};
export type EventType = keyof typeof shapes;
export type Shape<T extends EventType> = z.input<(typeof shapes)[T]>;

const always = { flow_name: id, run_name: id, timestamp: unixSeconds };
const error = object({ type: text, message: text, code: text.optional(), details: json.optional() });

/** What their clients read, event by event. */
export const outgoing = z.discriminatedUnion('event_type', [
  object({ event_type: z.literal('flow_started'), ...always, message: text }),
  object({ event_type: z.literal('task_started'), ...always, task_name: text }),
  object({ event_type: z.literal('task_completed'), ...always, task_name: text }),
  object({ event_type: z.literal('task_failed'), ...always, task_name: text, error }),
  object({ event_type: z.literal('flow_completed'), ...always, output: json }),
  object({ event_type: z.literal('flow_error'), ...always, error }),
]);
