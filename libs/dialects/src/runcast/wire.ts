import { LEVELS } from '@runcast/run-events';
import * as z from 'zod';
import { id, instant, jsonObject, object, text } from '../fields.ts';

/** What a sender may write. Names of more than one word are snake_case here and camelCase inside `data`. */
export const incoming = object({
  type: id,
  run: id.nullish(),
  id: id.nullish(),
  session: id.nullish(),
  agent: id.nullish(),
  flow: id.nullish(),
  level: z.enum(LEVELS, `one of ${LEVELS.join(', ')}`).nullish(),
  occurred_at: instant.nullish(),
  data: jsonObject.nullish(),
});
export type Incoming = z.input<typeof incoming>;

/** What a reader gets. It can be sent in again as it is. */
export const outgoing = object({
  position: text,
  id,
  run: id,
  session: id.optional(),
  agent: id.optional(),
  flow: id.optional(),
  type: id,
  level: z.enum(LEVELS),
  occurred_at: instant,
  received_at: instant,
  dialect: text,
  redacted: z.array(text).optional(),
  data: jsonObject,
});
