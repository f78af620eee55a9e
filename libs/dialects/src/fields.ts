/**
 * The kinds of field that wire formats are made of. Each error message says what would have been right, because it is
 * shown to the sender as `expected`.
 */
import {
  ID_EXPECTED,
  isId,
  MAX_COST_USD,
  parseTimestamp,
  TIMESTAMP_EXPECTED,
  timestampFromUnixSeconds,
  type JsonObject,
  type JsonValue,
} from '@runcast/run-events';
import * as z from 'zod';

const MAX_DURATION = 1e12;

export const text = z.string('a string');
export const bool = z.boolean('true or false');
export const json = z.custom<JsonValue>((value) => value !== undefined, 'any JSON value');
export const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'a JSON object',
);
export const id = z.custom<string>(isId, ID_EXPECTED);
export const instant = z.custom<string>(
  (value) => typeof value === 'string' && parseTimestamp(value) !== undefined,
  TIMESTAMP_EXPECTED,
);
export const unixSeconds = z.custom<number>(
  (value) => typeof value === 'number' && timestampFromUnixSeconds(value) !== undefined,
  'Unix time in seconds as a number, between the years 2000 and 2100',
);
export const unixMilliseconds = z.custom<number>(
  (value) => typeof value === 'number' && timestampFromUnixSeconds(value / 1000) !== undefined,
  'Unix time in milliseconds as a number, between the years 2000 and 2100',
);
/** Beyond 2^53 a count is already wrong when it has been parsed. */
export const count = z.custom<number>(
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  'a whole number of at least 0',
);
export const costUsd = bounded(MAX_COST_USD);
/** Seconds or milliseconds, as the field's name says. */
export const duration = bounded(MAX_DURATION);

/** A JSON object with at least these members; others pass. */
export function object<S extends z.ZodRawShape>(shape: S) {
  return z.looseObject(shape, 'a JSON object');
}

function bounded(most: number) {
  return z.custom<number>(
    (value) => typeof value === 'number' && value >= 0 && value <= most,
    `a number from 0 to ${most}`,
  );
}
